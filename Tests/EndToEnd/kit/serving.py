"""A person who serves models: versions whose behaviour is data, manifests, and a bounded load."""

import collections
import http.client
import json
import pathlib
import sys
import threading
import time
import urllib.parse

from .content import write_folder
from .places import CHECKOUT

MODEL_SERVER = CHECKOUT / "Tests/ModelServer/model_server.py"

#: Quick enough for a test, long enough for the statistics: at 100 requests/s it takes about ten seconds.
QUICK_STEPS = [{"weight": 0.10, "minObserved": "1s"}, {"weight": 0.25, "minObserved": "1s"}, {"weight": 0.50, "minObserved": "2s"}]


def manifest(endpoint, model, version, *, spec=None, runtime=None, release=None, pin="version"):
    """A manifest as JSON, which is YAML."""
    document = {
        "apiVersion": "serving/v1",
        "kind": "Endpoint",
        "metadata": {"name": endpoint},
        "spec": {
            "protocol": "openai",
            "model": {"name": model, pin: version},
            "runtime": {
                "command": [sys.executable, str(MODEL_SERVER), "--model", "${model.path}", "--port", "${port}"],
                "readiness": {"path": "/health", "deadline": "30s"},
                **(runtime or {}),
            },
            "assignment": {"key": ["header:x-session-id"], "unit": "request"},
            **(spec or {}),
        },
        "release": {
            "strategy": "canary",
            "steps": QUICK_STEPS,
            "bake": {"duration": "1s", "holdback": 0},
            "maxObserved": "10m",
            **(release or {}),
        },
    }
    return json.dumps(document, indent=1)


class Deployer:
    """A machine that publishes versions of one model and releases them on one endpoint."""

    def __init__(self, machine, server, name):
        self.machine = machine
        self.server = server
        self.name = name
        self.model = f"acme/{name}"
        self.folder = pathlib.Path(machine.folder) / "serving"
        self.folder.mkdir(exist_ok=True)

    @property
    def gateway(self):
        return self.server.gateway

    def publish(self, version, **script):
        """A version that answers as `script` says; its bytes differ from every other version's."""
        script.setdefault("headers", {"X-Served": version})
        files = {"serving.json": json.dumps(script), "weights.bin": f"weights of {version}\n" * 1000}
        self.machine("publish", write_folder(self.folder / version, files), f"{self.model}@{version}")

    def write(self, version, **options):
        path = self.folder / f"{self.name}-{version}.yaml"
        path.write_text(manifest(self.name, self.model, version, **options))
        return path

    def apply(self, version, *arguments, status=0, **options):
        done = self.machine.run("apply", "-f", self.write(version, **options), "--yes", "--json", *arguments).expect(status)
        return done.json if status == 0 else done

    def first(self, version="1.0.0", **options):
        """The first version, serving."""
        return self.wait_for(self.start(version, **options), "succeeded")

    def start(self, version, *arguments, **options):
        """The name of the release that carries this version in."""
        return self.apply(version, *arguments, **options)["release"]["id"]

    def order(self, api, name, action, body=None, **headers):
        """An operator's order over REST, against the release as it is now."""
        headers = headers or {"If-Match": self.release(name)["etag"]}
        return api.request("POST", f"/hub/v1/releases/{name}/actions/{action}", as_json=body or {}, headers=headers)

    def release(self, name):
        with self.server.api() as api:
            return api.get(f"/hub/v1/releases/{name}").expect(200).json

    def wait_for(self, name, *phases, patience=90, step=None):
        deadline = time.monotonic() + patience
        while True:
            found = self.release(name)
            if found["phase"] in phases and (step is None or found["step"] >= step):
                return found
            over = found["phase"] in ("succeeded", "rolled-back", "failed", "canceled", "superseded")
            if over or time.monotonic() > deadline:
                raise AssertionError(f"{name} is {found['phase']}, not {' or '.join(phases)}: {json.dumps(found, indent=1)}\n{self.server.log[-4000:]}")
            time.sleep(0.05)

    def endpoint(self):
        with self.server.api() as api:
            return api.get(f"/hub/v1/endpoints/{self.name}").expect(200).json

    def replicas(self):
        with self.server.api() as api:
            return api.get(f"/hub/v1/replicas?endpoint={self.name}").expect(200).json["items"]

    def forget(self):
        """Ends what still runs: a release first, then the endpoint with its model servers."""
        with self.server.api() as api:
            found = api.get(f"/hub/v1/endpoints/{self.name}")
            if found.status != 200:
                return
            running = [name for name in [found.json.get("active"), *found.json["pending"]] if name]
            for name in running:
                api.request("POST", f"/hub/v1/releases/{name}/actions/abort", as_json={"reason": "the test is over"}, headers={"If-Match": "*"})
            for name in running:
                self.wait_for(name, "rolled-back", "canceled", "failed", "succeeded", "superseded", patience=30)
            api.request("DELETE", f"/hub/v1/endpoints/{self.name}", headers={"If-Match": "*"}).expect(204)

    def ask(self, path="/v1/embeddings", body=None, method="POST", headers=None, gateway=None, timeout=30):
        """One request of its own connection: status, headers, body."""
        place = urllib.parse.urlsplit(gateway or self.gateway)
        line = http.client.HTTPConnection(place.hostname, place.port, timeout=timeout)
        try:
            data = None if body is None and method == "GET" else json.dumps(body or {"model": self.name, "input": "hello"})
            line.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()

    def load(self, rate=100, seconds=60, connections=4):
        return Load(self.gateway, self.name, rate, seconds, connections)


class Load:
    """Requests at a steady rate, for so long at most, as a context; `counts` afterwards."""

    def __init__(self, gateway, model, rate, seconds, connections):
        self.place = urllib.parse.urlsplit(gateway)
        self.model = model
        self.rate = rate
        self.end = time.monotonic() + seconds
        self.lock = threading.Lock()
        self.number = 0
        self.began = time.monotonic()
        self.statuses = collections.Counter()
        self.versions = collections.Counter()
        self.failures = []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(connections)]

    @property
    def failed(self):
        return sum(count for status, count in self.statuses.items() if status != 200)

    def work(self):
        line = http.client.HTTPConnection(self.place.hostname, self.place.port, timeout=30)
        while not self.stopping.is_set() and time.monotonic() < self.end:
            with self.lock:
                number = self.number
                self.number += 1
            wait = self.began + number / self.rate - time.monotonic()
            if wait > 0 and self.stopping.wait(wait):
                break
            body = json.dumps({"model": self.model, "input": f"text {number}"})
            try:
                line.request("POST", "/v1/embeddings", body, {"Content-Type": "application/json", "x-session-id": f"user-{number}"})
                answer = line.getresponse()
                content = answer.read()
                status, version = answer.status, answer.headers.get("X-Model-Version")
            except (OSError, http.client.HTTPException) as error:
                line.close()
                status, version, content = type(error).__name__, None, b""
            with self.lock:
                self.statuses[status] += 1
                self.versions[version] += 1
                if status != 200 and len(self.failures) < 20:
                    self.failures.append((status, version, content[:300]))
        line.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(40)
