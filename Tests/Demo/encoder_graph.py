"""The forward pass of a BERT encoder as an ONNX graph over the tensors of a safetensors file."""

import json
import struct

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

TYPES = {"F32": numpy.float32, "F16": numpy.float16, "I64": numpy.int64}


def read_safetensors(path):
    """Names to arrays. The format: eight bytes with the header's length, JSON, then the bytes."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    tensors = {}
    for name, what in header.items():
        if name == "__metadata__":
            continue
        begin, end = what["data_offsets"]
        tensors[name] = numpy.frombuffer(data[begin:end], dtype=TYPES[what["dtype"]]).reshape(what["shape"])
    return tensors


class Writer:
    """Adds nodes and constants; a name leads to the value."""

    def __init__(self):
        self.nodes = []
        self.constants = []
        self.count = 0

    def constant(self, array, dtype=numpy.float32):
        self.count += 1
        name = f"c{self.count}"
        self.constants.append(numpy_helper.from_array(numpy.array(array, dtype=dtype, order="C"), name))
        return name

    def op(self, kind, *inputs, outputs=1, **attributes):
        self.count += 1
        names = [f"v{self.count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names


def graph_of(config, tensors):
    """Token ids [batch, length] in, hidden states [batch, length, hidden] out, serialized."""
    w = Writer()
    heads = config["num_attention_heads"]
    hidden = config["hidden_size"]
    each = hidden // heads

    def linear(value, name):
        product = w.op("MatMul", value, w.constant(tensors[f"{name}.weight"].T))
        return w.op("Add", product, w.constant(tensors[f"{name}.bias"]))

    def norm(value, name):
        scale, bias = w.constant(tensors[f"{name}.weight"]), w.constant(tensors[f"{name}.bias"])
        return w.op("LayerNormalization", value, scale, bias, axis=-1, epsilon=float(config["layer_norm_eps"]))

    def split_heads(value, order):
        shaped = w.op("Reshape", value, w.constant([0, 0, heads, each], numpy.int64))
        return w.op("Transpose", shaped, perm=order)

    def gelu(value):
        erf = w.op("Erf", w.op("Mul", value, w.constant(1 / numpy.sqrt(2))))
        return w.op("Mul", w.op("Mul", value, w.constant(0.5)), w.op("Add", erf, w.constant(1.0)))

    words = w.op("Gather", w.constant(tensors["embeddings.word_embeddings.weight"]), "ids")
    length = w.op("Gather", w.op("Shape", "ids"), w.constant(1, numpy.int64), axis=0)
    places = w.op("Range", w.constant(0, numpy.int64), length, w.constant(1, numpy.int64))
    positions = w.op("Gather", w.constant(tensors["embeddings.position_embeddings.weight"]), places)
    kinds = w.constant(tensors["embeddings.token_type_embeddings.weight"][0])
    state = norm(w.op("Add", w.op("Add", words, positions), kinds), "embeddings.LayerNorm")

    for number in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{number}"
        query = split_heads(linear(state, f"{layer}.attention.self.query"), [0, 2, 1, 3])
        key = split_heads(linear(state, f"{layer}.attention.self.key"), [0, 2, 3, 1])
        value = split_heads(linear(state, f"{layer}.attention.self.value"), [0, 2, 1, 3])
        scores = w.op("Mul", w.op("MatMul", query, key), w.constant(1 / numpy.sqrt(each)))
        mixed = w.op("MatMul", w.op("Softmax", scores, axis=-1), value)
        joined = w.op("Reshape", w.op("Transpose", mixed, perm=[0, 2, 1, 3]), w.constant([0, 0, hidden], numpy.int64))
        attended = linear(joined, f"{layer}.attention.output.dense")
        state = norm(w.op("Add", attended, state), f"{layer}.attention.output.LayerNorm")
        inner = gelu(linear(state, f"{layer}.intermediate.dense"))
        state = norm(w.op("Add", linear(inner, f"{layer}.output.dense"), state), f"{layer}.output.LayerNorm")

    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"])
    out = helper.make_tensor_value_info(state, TensorProto.FLOAT, ["batch", "length", hidden])
    graph = helper.make_graph(w.nodes, "encoder", [ids], [out], w.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()
