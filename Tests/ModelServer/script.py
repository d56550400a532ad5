"""What the pretend model server is told to do: one flat object of wishes, see README.md."""

import json
import os
import pathlib
import random

DEFAULTS = {
    "seed": 1,
    # When it starts.
    "startDelay": 0, "listenDelay": 0, "crashAtStart": None, "memoryHog": 0, "ignoreTerm": False, "healthStatus": 200,
    # How long, how often wrong.
    "latency": 0, "errorRate": 0, "errorStatus": 500, "errorBody": '{"error":{"message":"scripted","type":"server_error"}}',
    "resetRate": 0, "stallRate": 0, "crashAfter": None, "crashStatus": 1, "refuse": False, "closeAfter": None, "ignoreHalfClose": False,
    # What is answered.
    "dimensions": 8, "tokens": 8, "tokenDelay": 0, "answer": None, "usage": True, "finishReason": "stop",
    "resetAfterTokens": None, "stallAfterTokens": None, "malformedSSE": None,
    # How it is framed.
    "framing": None, "informational": [], "trailers": {}, "headers": {}, "ignoreExpect": False, "earlyAnswer": False, "writeSize": None,
    # Other wishes for paths that begin so: {"/v1/embeddings": {"errorRate": 1}}.
    "paths": {},
}


class Script:
    """Wishes over the defaults; `of(path)` are those for one path."""

    def __init__(self, *layers):
        self.wishes = dict(DEFAULTS)
        for layer in layers:
            self.change(layer)
        self.chance = random.Random(self.wishes["seed"])

    def change(self, layer):
        self.check(layer)
        for wishes in layer.get("paths", {}).values():
            self.check(wishes)
        self.wishes.update(layer)
        if "seed" in layer:
            self.chance = random.Random(layer["seed"])

    @staticmethod
    def check(layer):
        unknown = set(layer) - set(DEFAULTS) - {"name", "version"}
        if unknown:
            raise ValueError(f"no such wish: {', '.join(sorted(unknown))}; there are {', '.join(DEFAULTS)}")

    def of(self, path):
        found = dict(self.wishes)
        for prefix, wishes in self.wishes["paths"].items():
            if path.startswith(prefix):
                found.update(wishes)
        return found

    def happens(self, rate):
        return rate > 0 and self.chance.random() < rate

    def seconds(self, latency):
        """Milliseconds: 20, {"uniform": [10, 30]}, {"exponential": 20, "least": 5} or {"lognormal": [median, sigma]}."""
        if isinstance(latency, (int, float)):
            return latency / 1000
        least = latency.get("least", 0)
        if "uniform" in latency:
            drawn = self.chance.uniform(*latency["uniform"])
        elif "exponential" in latency:
            drawn = self.chance.expovariate(1 / latency["exponential"])
        elif "lognormal" in latency:
            median, sigma = latency["lognormal"]
            drawn = median * self.chance.lognormvariate(0, sigma)
        else:
            raise ValueError(f"no such latency: {latency}")
        return max(least, drawn) / 1000


def parse(text):
    """JSON, or the name of a file with it."""
    if not text:
        return {}
    return json.loads(text if text.lstrip().startswith("{") else pathlib.Path(text).read_text())


def gathered(model, argument):
    """The model's own `serving.json`, then MODEL_SCRIPT, then the argument: the last one wins."""
    layers = []
    if model and (own := pathlib.Path(model) / "serving.json").exists():
        layers.append(json.loads(own.read_text()))
    return Script(*layers, parse(os.environ.get("MODEL_SCRIPT")), parse(argument))
