"""What the gateway and the model servers do for their users."""

import concurrent.futures
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import signal
import threading
import time

import pytest

from kit.cli import Machine
from kit.server import free_port
from kit.serving import Deployer


def wait_until(holds, patience=30):
    deadline = time.monotonic() + patience
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)
    return found


def test_a_killed_server_comes_back_as_it_was(server, tmp_path):
    server.start("--gateway", f"127.0.0.1:{free_port()}")
    deployer = Deployer(Machine(tmp_path / "machine", server.url, server.token), server, "chat")
    deployer.publish("1.0.0")
    deployer.publish("1.1.0")
    deployer.first()
    name = deployer.start("1.1.0", release={"steps": [{"weight": 0.5, "minObserved": "5m"}]})
    with deployer.load(rate=50):
        before = deployer.wait_for(name, "progressing")
        wait_until(lambda: deployer.release(name)["isRouteApplied"])
    pids = {r["pid"] for r in deployer.replicas()}
    sides = {user: deployer.ask(headers={"x-session-id": user})[1]["X-Variant"] for user in map(str, range(40))}
    assert set(sides.values()) == {"stable", "candidate"}
    generation = deployer.ask()[1]["X-Route-Generation"]
    address = server.gateway.removeprefix("http://")

    server.kill()
    assert all(pathlib.Path(f"/proc/{pid}").exists() for pid in pids), "model servers outlive a crash of the hub"
    server.start("--gateway", address)
    deployer.machine.server = server.url
    assert {user: deployer.ask(headers={"x-session-id": user})[1]["X-Variant"] for user in sides} == sides
    assert deployer.ask()[1]["X-Route-Generation"] == generation
    after = deployer.release(name)
    assert (after["phase"], after["step"]) == (before["phase"], before["step"])
    assert {r["pid"] for r in deployer.replicas()} == pids, "they are adopted, not started again"

    assert server.stop() == 0, server.log[-3000:]
    wait_until(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids))


def test_a_stream_comes_as_it_is_made(deployer):
    deployer.publish("1.0.0", tokens=5, tokenDelay=150)
    deployer.first()
    import http.client
    import urllib.parse

    place = urllib.parse.urlsplit(deployer.gateway)
    line = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    body = json.dumps({"model": deployer.name, "stream": True, "messages": [{"role": "user", "content": "hi"}]})
    line.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    times = []
    while chunk := answer.readline():
        if chunk.startswith(b"data:"):
            times.append(time.monotonic())
    assert len(times) >= 5 and times[-1] - times[0] > 0.4, times
    line.close()


def test_the_vendors_client_works(deployer):
    openai = pytest.importorskip("openai")
    deployer.publish("1.0.0", tokens=4)
    deployer.first(spec={"publicNames": [f"{deployer.name}-large"]})
    client = openai.OpenAI(base_url=deployer.gateway + "/v1", api_key="none", max_retries=0)
    assert deployer.name in [m.id for m in client.models.list()]
    said = client.chat.completions.create(model=f"{deployer.name}-large", messages=[{"role": "user", "content": "hi"}])
    assert said.choices[0].message.content and said.usage.completion_tokens == 4
    pieces = [c for c in client.chat.completions.create(
        model=deployer.name, messages=[{"role": "user", "content": "hi"}], stream=True)]
    assert len(pieces) >= 4
    vectors = client.embeddings.create(model=deployer.name, input="text", encoding_format="float")
    assert len(vectors.data[0].embedding) == 8
    with pytest.raises(openai.NotFoundError) as refused:
        client.embeddings.create(model="nobody", input="text")
    assert "nobody" in str(refused.value)


def test_cold_endpoints_wake_and_answer_everyone(deployer):
    deployer.publish("1.0.0", startDelay=500)
    deployer.first(runtime={"readiness": {"path": "/health", "deadline": "30s"}, "scaleToZero": {"idle": "1s", "minResident": "1s"}})
    assert deployer.ask()[0] == 200
    wait_until(lambda: all(r["state"] == "cold" for r in deployer.replicas()))
    with concurrent.futures.ThreadPoolExecutor(20) as crew:
        statuses = list(crew.map(lambda _: deployer.ask()[0], range(20)))
    assert statuses == [200] * 20
    assert len([r for r in deployer.replicas() if r["state"] == "ready"]) == 1


def test_tenants_have_keys_quotas_and_a_ledger(deployer, machine):
    deployer.publish("1.0.0")
    deployer.first(spec={"access": "tenants"})
    status, _, body = deployer.ask()
    assert status == 401 and b"error" in body
    made = machine("tenant", "create", f"{deployer.name}", "--requests-per-minute", "5", "--json").json
    key = {"Authorization": f"Bearer {made['key']}"}
    wait_until(lambda: deployer.ask(headers=key)[0] != 401)
    statuses = [deployer.ask(headers=key) for _ in range(8)]
    assert {s for s, _, _ in statuses} == {200, 429}
    refused = next(h for s, h, _ in statuses if s == 429)
    assert int(refused["Retry-After"]) >= 1
    assert deployer.ask(headers={"Authorization": "Bearer gk_wrong"})[0] == 401
    rows = wait_until(lambda: machine("tenant", "usage", deployer.name, "--json").json["items"])
    assert sum(r["requests"] for r in rows) >= 4 and sum(r["inputTokens"] for r in rows) > 0
    machine("tenant", "remove", deployer.name)
    wait_until(lambda: deployer.ask(headers=key)[0] == 401)


def test_a_model_server_cannot_alter_the_store(deployer, hub, machine):
    """Its process tries what a process can: the linked file, and the store's own."""
    deployer.publish("1.0.0")
    vandal = f"""
import os, pathlib, sys, subprocess
model, data = sys.argv[1], {str(hub.data)!r}
targets = [p for p in pathlib.Path(model).rglob('*') if p.is_file()]
targets += [p for p in pathlib.Path(data, 'blobs').rglob('*') if p.is_file()] + [pathlib.Path(data, 'catalog.sqlite')]
done = []
for path in targets:
    for attempt in (lambda: os.chmod(path, 0o666), lambda: open(path, 'r+b').write(b'X'), lambda: os.truncate(path, 0),
                    lambda: open(path, 'wb'), lambda: os.unlink(path), lambda: os.rename(path, str(path) + '.gone')):
        try:
            attempt()
            done.append(str(path))
        except OSError:
            pass
os.execv(sys.executable, [sys.executable, {str(pathlib.Path(__file__).parents[1] / 'ModelServer/model_server.py')!r}, '--model', model, '--port', sys.argv[2]])
"""
    script = deployer.folder / "vandal.py"
    script.write_text(vandal)
    import sys

    deployer.first(runtime={"command": [sys.executable, str(script), "${model.path}", "${port}"], "readiness": {"path": "/health", "deadline": "30s"}})
    assert deployer.ask()[0] == 200
    assert "damaged" not in machine("verify", "--store").out.lower()
    target = deployer.folder / "pulled"
    machine("pull", f"{deployer.model}@1.0.0", target)
    assert (target / "weights.bin").read_bytes() == (deployer.folder / "1.0.0/weights.bin").read_bytes()


class Receiver:
    """A webhook's other end."""

    def __init__(self):
        self.received = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            refusals = 1

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if Handler.refusals:
                    Handler.refusals -= 1
                    self.send_response(503)
                else:
                    outer.received.append((dict(self.headers.items()), body))
                    self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


def test_webhooks_are_signed_and_in_order(deployer, machine):
    receiver = Receiver()
    made = machine("webhook", "create", deployer.name, receiver.url, "--json").json
    deployer.publish("1.0.0")
    name = deployer.first(release={"notify": [{"webhook": deployer.name}]})["id"]
    wait_until(lambda: any(b"succeeded" in body for _, body in receiver.received))
    words = []
    for headers, body in receiver.received:
        headers = {k.lower(): v for k, v in headers.items()}
        assert headers["content-type"].startswith("application/cloudevents+json")
        signed = headers["x-grayling-timestamp"].encode() + b"." + body
        expected = hmac.new(made["secret"].encode(), signed, hashlib.sha256).hexdigest()
        assert headers["x-grayling-signature"] == "sha256=" + expected
        event = json.loads(body)
        assert event["specversion"] == "1.0" and event["id"] and event["source"] and name in body.decode()
        words.append(event["type"])
    assert words[-1].endswith("succeeded")
    receiver.server.shutdown()
    machine("webhook", "delete", deployer.name)


def test_shadow_traffic_is_compared_and_never_sent(deployer, api):
    deployer.publish("1.0.0")
    deployer.publish("1.1.0", answer="something else")
    deployer.first()
    with deployer.load(rate=80) as load:
        name = deployer.start("1.1.0", release={"steps": [{"shadow": 0.5, "minObserved": "2s"}, {"weight": 0.2, "minObserved": "5m"}]})
        deployer.wait_for(name, "progressing", step=1)
    assert load.failed == 0, load.failures
    text = api.get("/metrics").expect(200).body.decode()
    sent = [l for l in text.splitlines() if l.startswith("grayling_gateway_shadow_requests_total") and 'result="sent"' in l]
    assert sent and sum(float(l.rsplit(" ", 1)[1]) for l in sent) > 10


def test_external_servers_are_released_too(deployer, hub, tmp_path):
    import subprocess
    import sys

    port = free_port()
    program = pathlib.Path(__file__).parents[1] / "ModelServer/model_server.py"
    other = subprocess.Popen([sys.executable, str(program), "--port", str(port), "--script", '{"headers": {"X-Served": "elsewhere"}}'],
                             stdout=subprocess.DEVNULL)
    try:
        deployer.publish("1.0.0")
        path = deployer.folder / "external.yaml"
        path.write_text(json.dumps({
            "apiVersion": "serving/v1", "kind": "Endpoint", "metadata": {"name": deployer.name},
            "spec": {"protocol": "openai", "model": {"name": deployer.model, "version": "1.0.0"},
                     "runtime": {"urls": [f"http://127.0.0.1:{port}"], "readiness": {"path": "/health", "deadline": "30s"}}}}))
        made = deployer.machine("apply", "-f", path, "--yes", "--json").json
        deployer.wait_for(made["release"]["id"], "succeeded")
        assert deployer.ask()[1]["X-Served"] == "elsewhere"
    finally:
        other.send_signal(signal.SIGTERM)
        other.wait(10)


def test_numbers_for_people_and_machines(deployer, api):
    deployer.publish("1.0.0")
    deployer.first()
    for _ in range(5):
        deployer.ask()
    lines = api.get("/metrics").expect(200).body.decode().splitlines()
    mine = [l for l in lines if f'endpoint="{deployer.name}"' in l]
    total = sum(float(l.rsplit(" ", 1)[1]) for l in mine if l.startswith("grayling_gateway_requests_total"))
    assert total == 5, mine
    for name in ("grayling_gateway_request_duration_seconds_bucket", "grayling_gateway_time_to_first_token_seconds_bucket"):
        assert any(l.startswith(name) for l in mine), name
    assert [d["name"] for d in api.get("/hub/v1/drivers").expect(200).json["items"]]


@pytest.mark.parametrize("change, words", [
    ({"spec": {"protocol": "grpc"}}, "openai"),
    ({"release": {"steps": [{"weight": 0.5}, {"weight": 0.2}]}}, "weight"),
    ({"spec": {"objectives": [{"name": "errors", "bad": "status >> 5"}]}}, "bad"),
    ({"release": {"colour": "blue"}}, "colour"),
    ({"runtime": {"readiness": {"deadline": "soon"}}}, "deadline"),
])
def test_a_bad_manifest_is_refused_with_the_reason(deployer, change, words):
    deployer.publish("1.0.0")
    refused = deployer.machine.run("plan", "-f", deployer.write("1.0.0", **change))
    assert refused.status != 0 and words in refused.err, refused.err
    assert "line" in refused.err


def test_unknown_names_are_said(deployer, machine):
    for command in (["endpoint", "show", "nobody"], ["release", "show", "nobody-1"], ["why", "nobody"], ["rollback", "nobody"]):
        refused = machine.run(*command)
        assert refused.status == 1 and "nobody" in refused.err, refused.err
    path = deployer.write("9.9.9")
    refused = machine.run("plan", "-f", path)
    assert refused.status == 1 and ("9.9.9" in refused.err or deployer.model in refused.err), refused.err
    status, headers, body = deployer.ask()
    assert status == 404 and deployer.name.encode() in body
