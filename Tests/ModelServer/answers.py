"""Answers of a model that is not there: the same question always gets the same."""

import hashlib
import json
import math
import random

WORDS = "the whale sang softly under a grey sky while small boats waited for the tide".split()


def chance_of(*parts):
    return random.Random(hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest())


def words(question, wishes):
    if wishes["answer"] is not None:
        return [part + " " for part in wishes["answer"].split()]
    chance = chance_of(question, wishes.get("version"))
    return [chance.choice(WORDS) + " " for _ in range(wishes["tokens"])]


def embedding(text, wishes):
    chance = chance_of(text)
    vector = [chance.gauss(0, 1) for _ in range(wishes["dimensions"])]
    length = math.sqrt(sum(x * x for x in vector)) or 1
    return [round(x / length, 6) for x in vector]


def usage(question, count):
    asked = len(json.dumps(question).split())
    return {"prompt_tokens": asked, "completion_tokens": count, "total_tokens": asked + count}


def whole(request, wishes):
    """Status and JSON of the paths that answer in one piece; None: no such path."""
    asked = json.loads(request.body) if request.body else {}
    model = asked.get("model", wishes.get("name", "pretend"))
    path = request.path
    if path.endswith("/embeddings"):
        texts = asked.get("input", "")
        texts = texts if isinstance(texts, list) else [texts]
        data = [{"object": "embedding", "index": i, "embedding": embedding(text, wishes)} for i, text in enumerate(texts)]
        count = sum(len(str(text).split()) for text in texts)
        return 200, {"object": "list", "model": model, "data": data, "usage": {"prompt_tokens": count, "total_tokens": count}}
    if path.endswith(("/completions", "/responses")):
        question = asked.get("messages") or asked.get("prompt") or asked.get("input") or ""
        said = words(question, wishes)
        choice = {"index": 0, "finish_reason": wishes["finishReason"], "message": {"role": "assistant", "content": "".join(said)}}
        answer = {"id": "pretend", "object": "chat.completion", "created": 0, "model": model, "choices": [choice]}
        if wishes["usage"]:
            answer["usage"] = usage(question, len(said))
        return 200, answer
    if path.endswith("/models"):
        return 200, {"object": "list", "data": [{"id": model, "object": "model", "created": 0, "owned_by": "pretend"}]}
    if path.startswith("/v2/models/") and path.endswith("/infer"):
        data = embedding(json.dumps(asked.get("inputs", [])), wishes)
        output = {"name": "output", "shape": [1, len(data)], "datatype": "FP32", "data": data}
        return 200, {"model_name": path.split("/")[3], "model_version": wishes.get("version", "1"), "outputs": [output]}
    if path.startswith("/v2/"):
        return 200, {"name": "pretend", "ready": True}
    return None


def events(asked, wishes):
    """Server-sent events of a chat, one per token, then usage, then the end mark."""
    question = asked.get("messages") or asked.get("prompt") or asked.get("input") or ""
    said = words(question, wishes)

    def event(delta, reason=None, **more):
        choices = [] if more else [{"index": 0, "delta": delta, "finish_reason": reason}]
        return {"id": "pretend", "object": "chat.completion.chunk", "created": 0, "model": asked.get("model", "pretend"), "choices": choices} | more

    for i, word in enumerate(said):
        yield sse(event({"role": "assistant", "content": word} if i == 0 else {"content": word}), wishes["malformedSSE"], i)
    yield sse(event({}, wishes["finishReason"]))
    if wishes["usage"]:
        yield sse(event({}, usage=usage(question, len(said))))
    if wishes["malformedSSE"] != "no-end-mark":
        yield b"data: [DONE]\n\n"


def sse(value, fault=None, number=0):
    text = json.dumps(value, separators=(",", ":")).encode()
    if number == 1 and fault == "cut-json":
        text = text[:len(text) // 2]
    if number == 1 and fault == "binary":
        return b"data: \xff\xfe\x00\x01" + text[:10] + b"\n\n"
    if number == 1 and fault == "no-blank-line":
        return b"data: " + text + b"\n"
    if number == 1 and fault == "no-field":
        return text + b"\n\n"
    return b"data: " + text + b"\n\n"
