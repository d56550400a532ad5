"""What an operator and a sleeping model feel: weights that change, ways back, cold starts. Through the
whole server, over its REST API."""

import http.client
import json
import statistics
import threading
import time
import urllib.parse

from kit.cli import Machine
from kit.server import Server
from kit.serving import Deployer, manifest

LONG = "6h"


def deployer_of(server, folder, name):
    return Deployer(Machine(folder / "machine", server.url, server.token), server, name)


def put(server, name, document):
    """Applies a manifest and waits until its release has succeeded."""
    with server.api() as api:
        applied = api.request("PUT", f"/hub/v1/endpoints/{name}", body=json.dumps(document).encode(),
                              headers={"Content-Type": "application/yaml", "If-None-Match": "*"}).expect(200, 201).json
        deadline = time.monotonic() + 30
        while True:
            found = api.get(f"/hub/v1/releases/{applied['release']['id']}").expect(200).json
            if found["phase"] == "succeeded":
                return
            assert not found["isTerminal"] and time.monotonic() < deadline, found
            time.sleep(0.02)


def serve_external(server, folder, name, url):
    """An endpoint whose model server somebody else runs at `url`."""
    deployer = deployer_of(server, folder, name)
    deployer.publish("1.0.0")
    document = json.loads(manifest(name, deployer.model, "1.0.0", spec={"limits": {"maxInFlightPerReplica": 100_000}}))
    document["spec"]["runtime"] = {"urls": [url], "readiness": {"path": "/health", "deadline": "10s"}}
    del document["spec"]["assignment"]
    put(server, name, document)


class Watchers:
    """Clients that ask one after the other over kept-alive connections, and note when each request
    left, and what route answered it."""

    def __init__(self, gateway, model, count=4):
        self.place, self.model = urllib.parse.urlsplit(gateway), model
        self.seen, self.failed, self.stopping = [], [], threading.Event()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(count)]

    def work(self):
        line = http.client.HTTPConnection(self.place.hostname, self.place.port, timeout=30)
        body = json.dumps({"model": self.model, "input": "hello"})
        while not self.stopping.is_set():
            sent = time.monotonic()
            try:
                line.request("POST", "/v1/embeddings", body, {"Content-Type": "application/json"})
                answer = line.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failed.append(answer.status)
                self.seen.append((sent, int(answer.headers["X-Route-Generation"])))
            except (OSError, http.client.HTTPException, TypeError) as problem:
                self.failed.append(repr(problem))
                line.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)

    def effect(self, ordered):
        """Milliseconds from `ordered` until the last request left that still met the older route."""
        time.sleep(0.5)
        newest = max(generation for sent, generation in self.seen if sent > ordered)
        late = [sent for sent, generation in list(self.seen) if sent > ordered and generation < newest]
        return (max(late) - ordered) * 1000 if late else 0.0


def change(scale, folder, table):
    """An operator promotes and takes back under load: from the order until no request meets the older route."""
    raw = {"promote": [], "rollback": [], "failed": [], "requests": 0}
    with Server(folder / "hub").start("--gateway", "127.0.0.1:0") as server:
        deployer = deployer_of(server, folder, "bench")
        steps = [{"weight": 0.10, "minObserved": LONG}]
        wishes = {"steps": steps, "bake": {"duration": LONG, "holdback": 0}, "maxObserved": "12h"}
        for version in ("1.0.0", "1.1.0"):
            deployer.publish(version, tokens=1)
        deployer.first("1.0.0", release=wishes)
        with Watchers(server.gateway, deployer.name) as clients, server.api() as api:
            for _ in range(2 * scale.rounds):
                release = deployer.start("1.1.0", release=wishes)
                deployer.wait_for(release, "progressing")
                time.sleep(0.5)
                for action, name in (("promote", "promote"), ("abort", "rollback")):
                    ordered = time.monotonic()
                    deployer.order(api, release, action, {"reason": "measured"}, **{"If-Match": "*"}).expect(200)
                    raw[name].append(clients.effect(ordered))
                deployer.wait_for(release, "rolled-back")
        raw["failed"], raw["requests"] = clients.failed, len(clients.seen)
    for name, what, limit in (("promote", "10 % to 100 %, order to effect", 50), ("rollback", "back to the warm version, order to effect", 100)):
        table.promise("gateway-change", f"{what}, slowest of {len(raw[name])}", max(raw[name]), limit, at_least=False, unit=" ms",
                      detail=f"median {statistics.median(raw[name]):.1f} ms, the order's own way over HTTP included")
    table.promise("gateway-change", "failed requests meanwhile", len(raw["failed"]), 0, at_least=False, detail=f"of {raw['requests']}")
    return raw


def cold(scale, folder, table):
    """A request wakes a model that sleeps: how much later than the model itself was ready it is answered."""
    added = []
    with Server(folder / "hub").start("--gateway", "127.0.0.1:0") as server:
        deployer = deployer_of(server, folder, "bench")
        deployer.publish("1.0.0", startDelay=300)
        deployer.first("1.0.0", runtime={"scaleToZero": {"idle": "500ms", "minResident": "0s"}})
        for _ in range(max(5, 2 * scale.rounds)):
            deadline = time.monotonic() + 30
            while any(replica["state"] != "cold" for replica in deployer.replicas()):
                assert time.monotonic() < deadline, deployer.replicas()
                time.sleep(0.05)
            status, _, _ = deployer.ask()
            answered = time.time()
            assert status == 200, status
            # It goes through the gateway like everything else.
            _, _, body = deployer.ask(f"/v1/endpoints/{deployer.name}/_seen", method="GET")
            added.append((answered - json.loads(body)["readyAt"]) * 1000)
    table.promise("gateway-cold", f"beyond the model's own readiness, slowest of {len(added)}", max(added), 50, at_least=False, unit=" ms",
                  detail=f"median {statistics.median(added):.1f} ms; every held request was answered")
    return added


ALL = {"gateway-change": change, "gateway-cold": cold}
