"""A small model server over pinned files: sentence embeddings in the OpenAI manner.

    python3 encoder_server.py --model FOLDER --port PORT

Reads the encoder's config, tokenizer and safetensors from FOLDER (BERT with mean pooling, as
sentence-transformers lay it out), makes an ONNX graph of them in memory and runs it with
onnxruntime. POST /v1/embeddings {"input": "text" or ["text", ...]} answers with vectors; what the
config does not allow is an error of the server, as it would be in any other runtime.
"""

import argparse
import json
import pathlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy
import onnxruntime
from tokenizers import Tokenizer

from encoder_graph import graph_of, read_safetensors


class Encoder:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        config = json.loads((folder / "config.json").read_text())
        pooling = json.loads((folder / "1_Pooling/config.json").read_text())
        self.name = config.get("_name_or_path", folder.name)
        self.dimensions = pooling["word_embedding_dimension"]
        self.longest = config["max_position_embeddings"]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        graph = graph_of(config, read_safetensors(folder / "model.safetensors"))
        self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self.encode("ready?")

    def encode(self, text):
        tokens = self.tokenizer.encode(text).ids
        if len(tokens) > self.longest:
            raise ValueError(f"{len(tokens)} tokens, and there are {self.longest} positions")
        (states,) = self.session.run(None, {"ids": numpy.array([tokens], dtype=numpy.int64)})
        vector = states[0].mean(axis=0)[: self.dimensions]
        return (vector / numpy.linalg.norm(vector)).tolist(), len(tokens)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave in one packet, and none waits for the acknowledgement of another.
    wbufsize = -1
    disable_nagle_algorithm = True
    encoder = None

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def do_GET(self):
        self.answer(200, {"status": "ok", "model": self.encoder.name})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            asked = json.loads(body)
            texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
        except (ValueError, KeyError, TypeError) as error:
            return self.answer(400, {"error": {"message": f"expected {{\"input\": text}}: {error}", "type": "invalid_request_error"}})
        try:
            made = [self.encoder.encode(text) for text in texts]
        except Exception as error:  # whatever the runtime says is the server's failure
            return self.answer(500, {"error": {"message": str(error), "type": "server_error"}})
        used = sum(tokens for _, tokens in made)
        self.answer(
            200,
            {
                "object": "list",
                "model": asked.get("model", ""),
                "data": [{"object": "embedding", "index": i, "embedding": vector} for i, (vector, _) in enumerate(made)],
                "usage": {"prompt_tokens": used, "total_tokens": used},
            })

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    Handler.encoder = Encoder(asked.model)
    server = ThreadingHTTPServer(("127.0.0.1", asked.port), Handler)
    print(f"serving {asked.model} on port {asked.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
