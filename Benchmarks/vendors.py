"""Benchmarks with the vendors' own clients: how near they come to what they could reach."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import seed
from clients import send_file
from kit.places import CHECKOUT
from kit.cli import Machine
from kit.content import bytes_of
from kit.server import Server
from kit.wire import Relay
from measure import Stopwatch, cpu_seconds, take_turns
from rivals import HERE, Nginx, Rival

GIB = 1 << 30
CLIENT = pathlib.Path(__file__).with_name("hf_client.py")
PYTHON = CHECKOUT / ".build" / "interop" / "newest" / "bin" / "python"


class DiscardHub(Rival):
    """Says yes to every step of an upload and keeps nothing."""

    def __init__(self, folder):
        super().__init__(folder)
        self.launch([sys.executable, str(HERE / "discard_hub.py"), str(self.port)])


def client(folder, url, token, *arguments, home=None, **settings):
    """A transfer by huggingface_hub, with an empty home where none is given; what it printed."""
    if home is None:
        home = folder / "home"
        shutil.rmtree(home, ignore_errors=True)
    environment = {**os.environ, "HF_ENDPOINT": url, "HF_TOKEN": token, "HF_HOME": str(home), "HF_HUB_DISABLE_TELEMETRY": "1",
                   "HF_HUB_DISABLE_UPDATE_CHECK": "1", "DO_NOT_TRACK": "1", **settings}
    done = subprocess.run([PYTHON, CLIENT, *map(str, arguments)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def fresh_bytes(path, size):
    """A file of bytes nobody has seen: known chunks would not be sent."""
    with open(path, "wb") as file:
        for _ in range(0, size, 1 << 24):
            file.write(os.urandom(min(size, 1 << 24)))


def hf_upload(scale, folder, table):
    """`upload_file` of a large file by huggingface_hub and hf_xet, beside a hub that only discards."""
    source = folder / "model.bin"
    with Server(folder / "hub").start() as server, DiscardHub(folder / "discard") as discard:
        def side(pid, url, token):
            def run(round):
                fresh_bytes(source, scale.large)
                os.sync()
                before = cpu_seconds(pid)
                found = client(folder, url, token, "upload", f"admin/upload-{round + 1}-{time.time_ns()}", source)
                return {"mib_per_second": scale.large / (1 << 20) / found["seconds"], "client_cpu_per_gib": found["client_cpu"] / (scale.large / GIB),
                        "server_cpu_per_gib": (cpu_seconds(pid) - before) / (scale.large / GIB)}
            return run

        result = take_turns(scale.rounds, grayling=side(server.process.pid, server.url, server.token), discard=side(discard.pid, discard.url, "hf_x"))
    ours, theirs = result["grayling"]["median"], result["discard"]["median"]
    table.promise("hf-upload", "stored, verified, synced / discarded", ours["mib_per_second"] / theirs["mib_per_second"], 0.8,
                  detail=f"{ours['mib_per_second']:.0f} against {theirs['mib_per_second']:.0f} MiB/s; client CPU {ours['client_cpu_per_gib']:.1f} against {theirs['client_cpu_per_gib']:.1f} s/GiB, server {ours['server_cpu_per_gib']:.1f} s/GiB")
    return result


def hf_download(scale, folder, table):
    """`hf_hub_download` of a large file, by Xet and plainly, beside plain curl from nginx."""
    source = seed.file_of(scale.large, "download")
    with Server(folder / "hub").start() as server, Nginx(folder / "nginx") as nginx:
        digest = seed.sha256(source)
        status, _ = send_file("PUT", f"{server.url}/hub/v1/blobs/{digest}", source, server.token)
        assert status == 201, status
        with server.api() as api:
            api.post("/hub/v1/models/bench/large/publish", as_json={
                "files": [{"path": "model.bin", "size": scale.large, "digest": digest}]}).expect(201)
        try:
            os.link(source, nginx.root / "model.bin")
        except OSError:
            shutil.copyfile(source, nginx.root / "model.bin")
        target = folder / "got"

        def by_client(**settings):
            def run(_):
                shutil.rmtree(target, ignore_errors=True)
                before = cpu_seconds(server.process.pid)
                found = client(folder, server.url, server.token, "download", "bench/large", "model.bin", target, **settings)
                assert (target / "model.bin").stat().st_size == scale.large
                return {"mib_per_second": scale.large / (1 << 20) / found["seconds"], "client_cpu_per_gib": found["client_cpu"] / (scale.large / GIB),
                        "server_cpu_per_gib": (cpu_seconds(server.process.pid) - before) / (scale.large / GIB)}
            return run

        def by_curl(_):
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            began = time.perf_counter()
            used = sum(os.times()[2:4])
            with Stopwatch(nginx.pid) as watch:
                subprocess.run(["curl", "-sf", "-o", target / "model.bin", f"{nginx.url}/model.bin"], check=True)
            return {"mib_per_second": scale.large / (1 << 20) / (time.perf_counter() - began), "client_cpu_per_gib": (sum(os.times()[2:4]) - used) / (scale.large / GIB),
                    "server_cpu_per_gib": watch.cpu / (scale.large / GIB)}

        result = take_turns(scale.rounds, xet=by_client(), plain=by_client(HF_HUB_DISABLE_XET="1"), curl=by_curl)
    curl = result["curl"]["median"]
    for name, what in (("xet", "by Xet"), ("plain", "plainly")):
        ours = result[name]["median"]
        table.note("hf-download", f"{what} / curl from nginx", ours["mib_per_second"] / curl["mib_per_second"],
                   detail=f"{ours['mib_per_second']:.0f} against {curl['mib_per_second']:.0f} MiB/s; client CPU {ours['client_cpu_per_gib']:.1f} against {curl['client_cpu_per_gib']:.1f} s/GiB, server {ours['server_cpu_per_gib']:.2f} against {curl['server_cpu_per_gib']:.2f}")
    return result


def chunking(scale, folder, table):
    """Cutting and hashing as Xet does, on one core, without a server; beside SHA-256 of the same amount."""
    subprocess.run(["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "bench-xet-chunking"], cwd=CHECKOUT, check=True, capture_output=True)
    out = subprocess.run([CHECKOUT / ".build" / "release" / "bench-xet-chunking"], check=True, capture_output=True, text=True).stdout
    raw = {name: int(rate) for name, rate in re.findall(r"^(.+): (\d+) bytes per second", out, re.MULTILINE)}
    data = os.urandom(1 << 28)
    began = time.perf_counter()
    hashlib.sha256(data).digest()
    raw["SHA-256"] = int(len(data) / (time.perf_counter() - began))
    widest = [name for name in raw if name.startswith("cuts and BLAKE3")][-1]
    table.promise("chunking", f"{widest}, one core", raw[widest] / 1e9, 1, unit=" GB/s",
                  detail=f"{raw[widest] / raw['SHA-256']:.2f} of SHA-256; cuts alone {raw['cuts alone'] / 1e9:.2f} GB/s")
    return raw


def stored(server):
    """Bytes at rest: whole files and recipes, not the index."""
    return sum(file.stat().st_size for kind in ("blobs", "recipes") for file in (server.data / kind).rglob("*") if file.is_file())


RESAVE = """
import sys
import numpy
from safetensors.numpy import load_file, save_file
tensors = load_file(sys.argv[1])
name = sorted(tensors, key=lambda n: tensors[n].nbytes)[len(tensors) // 2 if sys.argv[3] == 'small' else -1]
tensors[name] = (tensors[name] * numpy.float32(1.01)).astype(tensors[name].dtype)
save_file(tensors, sys.argv[2], metadata={'format': 'pt'})
print(tensors[name].nbytes)
"""


def dedup(scale, folder, table):
    """What is sent and stored when bytes are known already, by the real client."""
    raw = {}
    with Server(folder / "hub").start() as server, Relay(server.url) as relay:
        def measured(what, size, transfer):
            """Sends it; notes what went over the wire and what the store grew by."""
            sent, held = relay.sent, stored(server)
            transfer()
            row = {"bytes": size, "sent": relay.sent - sent, "stored": stored(server) - held}
            raw[what] = row
            table.note("dedup", what, row["stored"] / size, detail=f"of {size / 1e6:.1f} MB: sent {row['sent'] / 1e6:.3f} MB, stored {row['stored'] / 1e6:.3f} MB")

        def upload(repo, path, **settings):
            return lambda: client(folder, relay.url, server.token, "upload", repo, path, **settings)

        machine = Machine(folder / "machine", relay.url, server.token)
        places = [folder / name for name in ("one", "two")]
        for place in places:
            place.mkdir()
            fresh_bytes(place / "model.bin", 150_000_000)
        size = (places[0] / "model.bin").stat().st_size
        measured("published, new", size, lambda: machine("publish", places[0], "admin/doors", "-q"))
        measured("… the same by Xet", size, upload("admin/doors-xet", places[0] / "model.bin"))
        measured("uploaded by Xet, new", size, upload("admin/other", places[1] / "model.bin", home=folder / "ada"))
        measured("… the same published", size, lambda: machine("publish", places[1], "admin/other-published", "-q"))
        measured("… the same by LFS", size, upload("admin/other-lfs", places[1] / "model.bin", HF_HUB_DISABLE_XET="1"))
        measured("… by Xet to another repo, by the same client", size, upload("admin/again", places[1] / "model.bin", home=folder / "ada"))
        measured("… by Xet to another repo, by another client", size, upload("admin/again-2", places[1] / "model.bin"))
        data = (places[1] / "model.bin").read_bytes()
        middle = len(data) // 2
        (places[1] / "inserted.bin").write_bytes(data[:middle] + bytes_of(100, "inserted") + data[middle:])
        measured("100 bytes inserted in the middle, by the same client", size + 100, upload("admin/other", places[1] / "inserted.bin", home=folder / "ada"))
        (places[1] / "inserted-2.bin").write_bytes(data[:middle] + bytes_of(100, "inserted again") + data[middle:])
        measured("100 other bytes inserted, by another client", size + 100, upload("admin/other", places[1] / "inserted-2.bin"))

        model = CHECKOUT / ".build" / "demo-cache" / "model" / "model.safetensors"
        if not model.exists():
            raise SystemExit("the demo's model is not here; run 'make demo' once")
        measured("a model of 6 layers by Xet, new", model.stat().st_size, upload("admin/minilm", model, home=folder / "ada"))
        for which in ("small", "large"):
            changed = folder / f"{which}.safetensors"
            done = subprocess.run([PYTHON, "-c", RESAVE, model, changed, which], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            measured(f"re-saved with one tensor of {int(done.stdout) / 1e6:.2f} MB changed", changed.stat().st_size,
                     upload("admin/minilm", changed, home=folder / "ada"))
    return raw
