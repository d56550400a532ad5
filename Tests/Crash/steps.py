"""The numbered steps: a server that kills itself at each of them."""

import re
import shutil
import signal

import chunks
import releases
from kit import catalog
from kit.api import digest
from kit.content import bytes_of
from kit.places import CHECKOUT
from kit.server import NotStarted, Server
from proof import Ledger, prove_store, prove_tidy, prove_whole

PART = 32 << 20
WHALE = {"README.md": b"# whale\n", "model.bin": bytes_of(400_000, "acknowledged"), "tokenizer/vocab.txt": b"a\nb\n"}
LARGE = bytes_of(PART + 1_000_000, "large upload")
DOOMED = {"old.bin": bytes_of(300_000, "doomed")}


def numbered():
    """The steps, from the one place that numbers them."""
    text = (CHECKOUT / "Sources/Core/Checkpoint.swift").read_text()
    return re.findall(r'case \w+ = "([a-z]+\.\d-[a-z-]+)"', text)


# One operation per kind of step: each passes all steps of its kind, and can be repeated.

def ingest(api):
    data = bytes_of(1_200_000, "ingest")
    api.put_blob(data).expect(200, 201)
    api.commit("acme/ingested", {"a.bin": data}).expect(200, 201)
    return "acme/ingested", {"a.bin": data}


def batch(api):
    many = {f"{i}.bin": bytes_of(3000 + i, "batch") for i in range(40)}
    api.put_blobs(many.values()).expect(201)
    api.commit("acme/batched", many).expect(200, 201)
    return "acme/batched", many


def upload(api):
    data = LARGE
    begun = api.post("/hub/v1/uploads", as_json={"digest": digest(data), "size": len(data)}).expect(200, 201).json
    for number in (0, 1):
        if number not in begun["received"]:
            api.put(f"/hub/v1/uploads/{begun['id']}/parts/{number}", body=data[number * PART:(number + 1) * PART]).expect(204)
    api.post(f"/hub/v1/uploads/{begun['id']}/complete").expect(200, 201)
    api.commit("acme/uploaded", {"weights.bin": data}).expect(200, 201)
    return "acme/uploaded", {"weights.bin": data}


def publish(api):
    files = {"README.md": b"# whale 2\n", "model.bin": WHALE["model.bin"], "new/file.txt": b"new"}
    api.put_blobs([files["README.md"], files["new/file.txt"]]).expect(201)
    api.commit("acme/whale", files, version="2.0.0", headers={"Idempotency-Key": "the-second"}).expect(200, 201)
    return "acme/whale", files


def xet(api):
    """A file in chunks, as Hugging Face clients send them."""
    chunks.SHARD.send(api, "acme/whale")
    api.commit("acme/by-xet", {"model.bin": chunks.SHARD.data}).expect(200, 201)
    return "acme/by-xet", {"model.bin": chunks.SHARD.data}


def reform(api):
    """The same bytes whole and then in chunks: kept once."""
    data = chunks.REFORM.data
    api.put_blob(data).expect(200, 201)
    chunks.REFORM.send(api, "acme/whale")
    api.commit("acme/by-two-doors", {"model.bin": data}).expect(200, 201)
    return "acme/by-two-doors", {"model.bin": data}


def collect(api):
    # Twice: what the first condemns, the second purges.
    for _ in range(2):
        api.post("/hub/v1/care/collect", as_json={"graceSeconds": 0}).expect(200)
    return None


OPERATIONS = {"ingest": ingest, "batch": batch, "part": upload, "upload": upload, "publish": publish, "xorb": xet, "shard": xet,
              "reform": reform, "collect": collect,
              **dict.fromkeys(("apply", "order", "advance", "analysis", "materialise"), releases.release)}


def prepared(folder, ledger):
    """A data root with an acknowledged past, and a repo deleted in it for the collector."""
    server = Server(folder / "prepared", token="hf_" + "c" * 40)
    with server.start(), server.api() as api:
        ledger.note(api.publish("acme/whale", WHALE, version="1.0.0"), WHALE)
        api.publish("acme/doomed", DOOMED)
        api.delete("/hub/v1/models/acme/doomed").expect(204)
        api.put_blob(bytes_of(90_000, "never published")).expect(201)
        api.close()
        server.stop()
    catalog.end_leases(server.data)
    return server


def cases(folder):
    ledger = Ledger()
    past = {}

    def past_of():
        if not past:
            past["server"] = prepared(folder, ledger)
        return past["server"]

    for step in numbered():
        yield f"step {step}", lambda step=step: stopped_at(step, past_of(), folder / step, ledger)


def stopped_at(step, past, folder, ledger):
    operation = OPERATIONS[step.split(".")[0]]
    shutil.copytree(past.data, folder / "data")
    with Server(folder, token=past.token) as server:
        server.start(GRAYLING_STOP_AT=step)
        with server.api(timeout=60) as api:
            api.gateway = server.gateway
            try:
                operation(api)
            except AssertionError:
                if server.is_running:
                    raise
            except Exception:
                pass  # The connection ended under it: just what is wanted.
            else:
                raise AssertionError(f"the operation finished without passing {step}; the server is {'running' if server.is_running else 'gone'}")
        assert server.wait(20) == -signal.SIGKILL, server.log[-2000:]

        try:
            server.start()
        except NotStarted as failure:
            raise AssertionError(f"it does not start after a stop at {step}: {failure}")
        prove_tidy(server)
        with server.api() as api:
            api.gateway = server.gateway
            for (repo, commit), files in ledger.revisions.items():
                prove_whole(api, repo, commit, files)
            prove_store(api)
            done = operation(api)
            if done:
                repo, files = done
                commit = api.get(f"/hub/v1/models/{repo}").expect(200).json["head"]
                prove_whole(api, repo, commit, {p: (digest(d), len(d)) for p, d in files.items()})
                revisions = api.pages(f"/hub/v1/models/{repo}/revisions")
                assert len(revisions) == (2 if repo == "acme/whale" else 1), "done twice"
            for (repo, commit), files in ledger.revisions.items():
                prove_whole(api, repo, commit, files)
            prove_store(api)
        assert server.stop() == 0, server.log[-2000:]
    shutil.rmtree(folder)
    return f"again after {server.ready_seconds * 1000:.0f} ms"
