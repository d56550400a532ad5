"""The benchmarks. Each takes the scale, a folder to work in and the table to fill."""

import os
import shutil
import statistics
import subprocess
import time

import gateway
import seed
import vendors
from clients import download, heads, push_small_to_registry, push_to_registry, send_file, side_by_side, wrk
from kit.api import digest
from kit.cli import Machine
from kit.content import bytes_of
from kit.server import Server
from kit.wire import Relay
from measure import PeakMemory, Stopwatch, cpu_seconds, resident_bytes, take_turns
from rivals import DockerRegistry, Nginx

MIB = 1 << 20


class Scale:
    def __init__(self, quick, rounds=None):
        self.rounds = rounds or (3 if quick else 5)
        self.large = (256 if quick else 1024) * MIB
        self.seconds = 2 if quick else 5
        self.versions = 10_000 if quick else 100_000
        self.small_files = 200 if quick else 1000
        self.gateway_seconds = 1 if quick else 3
        self.chunk_rate = 20


def link(path, target):
    """One file, one page cache, whoever serves it."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def download_large(scale, folder, table):
    """A large blob that is in memory, to 1 and to 8 clients, beside nginx with sendfile."""
    source = seed.file_of(scale.large, "download")
    raw = {}
    with Server(folder / "hub").start() as server, Nginx(folder / "nginx") as nginx:
        status, _ = send_file("PUT", f"{server.url}/hub/v1/blobs/{seed.sha256(source)}", source, server.token)
        assert status == 201, status
        with server.api() as api:
            api.post("/hub/v1/models/bench/large/publish", as_json={
                "files": [{"path": "model.bin", "size": scale.large, "digest": seed.sha256(source)}]}).expect(201)
        link(source, nginx.root / "model.bin")
        places = {"grayling": (server.process.pid, f"{server.url}/hub/v1/models/bench/large/resolve/main/model.bin"),
                  "nginx": (nginx.pid, f"{nginx.url}/model.bin")}
        for clients in (1, 8):
            times = 4 if clients == 1 else 1

            def side(pid, url):
                def run(_):
                    watch = Stopwatch(pid)
                    with watch:
                        seconds = side_by_side([(download, (url, times))] * clients)
                    moved = clients * times * scale.large
                    return {"gib_per_second": moved / seconds / 2**30, "cpu_per_gib": watch.cpu / (moved / 2**30)}
                return run

            result = raw[clients] = take_turns(scale.rounds, **{name: side(*place) for name, place in places.items()})
            ours, theirs = result["grayling"]["median"], result["nginx"]["median"]
            table.promise("download", f"{clients} client{'s' if clients > 1 else ''}, throughput / nginx", ours["gib_per_second"] / theirs["gib_per_second"],
                          0.9 if clients == 1 else 1.0, detail=f"{ours['gib_per_second']:.2f} against {theirs['gib_per_second']:.2f} GiB/s")
            table.promise("download", f"{clients} client{'s' if clients > 1 else ''}, CPU per GiB / nginx", ours["cpu_per_gib"] / theirs["cpu_per_gib"],
                          1.15, at_least=False, detail=f"{ours['cpu_per_gib']:.3f} against {theirs['cpu_per_gib']:.3f} s")
    return raw


def small_files(scale, folder, table):
    """Files of 4 KiB over 16 connections, beside nginx."""
    contents = [bytes_of(4096, f"small {i}") for i in range(200)]
    with Server(folder / "hub").start() as server, Nginx(folder / "nginx") as nginx:
        with server.api() as api:
            api.put_blobs(contents).expect(201)
            api.commit("bench/small", {f"{i}.bin": d for i, d in enumerate(contents)}).expect(201)
        for i, data in enumerate(contents):
            (nginx.root / f"{i}.bin").write_bytes(data)

        def side(pid, url, paths):
            def run(_):
                before = cpu_seconds(pid)
                found = wrk(url, paths, folder, scale.seconds, 16)
                return found | {"cpu_us": (cpu_seconds(pid) - before) / found["requests"] * 1e6}
            return run

        result = take_turns(
            scale.rounds,
            resolve=side(server.process.pid, server.url, [f"/hub/v1/models/bench/small/resolve/main/{i}.bin" for i in range(200)]),
            nginx=side(nginx.pid, nginx.url, [f"/{i}.bin" for i in range(200)]),
            blob=side(server.process.pid, server.url, [f"/hub/v1/blobs/{digest(d)}" for d in contents]))
    theirs = result["nginx"]["median"]
    for name, what in (("resolve", "by name"), ("blob", "by digest")):
        ours = result[name]["median"]
        table.promise("small", f"4 KiB {what}, requests per second / nginx", ours["per_second"] / theirs["per_second"], 0.4,
                      detail=f"{ours['per_second']:.0f} against {theirs['per_second']:.0f}; {ours['cpu_us']:.0f} against {theirs['cpu_us']:.0f} µs CPU; p99 {ours['p99_ms']:.1f} against {theirs['p99_ms']:.1f} ms")
    return result


def upload_large(scale, folder, table):
    """A large blob sent, verified and on disk: beside hashing it, writing it, and docker-registry."""
    source = folder / "source.bin"
    shutil.copyfile(seed.file_of(scale.large, "upload"), source)
    state = {}

    def hashing(round):
        # Every round is of other bytes, so that nobody has them already.
        seed.stamp(source, f"{round} {time.time_ns()}")
        with Stopwatch() as watch:
            state["digest"] = seed.sha256(source)
        return {"mib_per_second": scale.large / MIB / watch.seconds}

    def writing(_):
        os.sync()
        with Stopwatch() as watch:
            with open(source, "rb") as reader, open(folder / "copy.bin", "wb") as writer:
                while block := reader.read(MIB):
                    writer.write(block)
                writer.flush()
                os.fsync(writer.fileno())
        os.remove(folder / "copy.bin")
        return {"mib_per_second": scale.large / MIB / watch.seconds}

    with Server(folder / "hub").start() as server, DockerRegistry(folder / "registry") as registry:
        def ours(_):
            os.sync()
            with Stopwatch(server.process.pid) as watch:
                status, body = send_file("PUT", f"{server.url}/hub/v1/blobs/{state['digest']}", source, server.token)
            assert status == 201, (status, body)
            hex = state["digest"][7:]
            os.remove(server.data / "blobs/sha256" / hex[:2] / hex)
            return {"mib_per_second": scale.large / MIB / watch.seconds, "cpu_per_gib": watch.cpu / (scale.large / 2**30)}

        def theirs(_):
            os.sync()
            with Stopwatch(registry.pid) as watch:
                push_to_registry(registry.url, source, state["digest"])
            shutil.rmtree(registry.folder / "storage" / "docker" / "registry" / "v2" / "blobs", ignore_errors=True)
            return {"mib_per_second": scale.large / MIB / watch.seconds, "cpu_per_gib": watch.cpu / (scale.large / 2**30)}

        # Hashing comes first in every round: it makes the round's bytes.
        for side in (hashing, ours, theirs, writing):
            side(-1)
        rows = {"hashing": [], "grayling": [], "registry": [], "writing": []}
        sides = [("grayling", ours), ("registry", theirs), ("writing", writing)]
        for round in range(scale.rounds):
            rows["hashing"].append(hashing(round))
            for name, side in sides if round % 2 == 0 else reversed(sides):
                rows[name].append(side(round))
        median = {name: statistics.median(r["mib_per_second"] for r in found) for name, found in rows.items()}

        parallel = []
        parts = [folder / f"part-{i}.bin" for i in range(4)]
        for i, part in enumerate(parts):
            shutil.copyfile(seed.file_of(scale.large // 4, f"parallel-{i}"), part)
        for round in range(-1, scale.rounds):
            jobs = []
            for i, part in enumerate(parts):
                seed.stamp(part, f"{i} {round} {time.time_ns()}")
                jobs.append((send_file, ("PUT", f"{server.url}/hub/v1/blobs/{seed.sha256(part)}", part, server.token)))
            os.sync()
            with Stopwatch(server.process.pid) as watch:
                seconds = side_by_side(jobs)
            if round >= 0:
                parallel.append({"mib_per_second": scale.large / MIB / seconds, "cores": watch.cpu / seconds})
    slower = min(median["hashing"], median["writing"])
    table.promise("upload", "1 file / slower of the limits", median["grayling"] / slower, 0.9,
                  detail=f"{median['grayling']:.0f} MiB/s; hashing {median['hashing']:.0f}, writing {median['writing']:.0f}")
    table.promise("upload", "1 file / docker-registry", median["grayling"] / median["registry"], 1.3, detail=f"{median['registry']:.0f} MiB/s there")
    together = statistics.median(r["mib_per_second"] for r in parallel)
    cores = statistics.median(r["cores"] for r in parallel)
    table.note("upload", "4 files at once / 1 file", together / median["grayling"], detail=f"{together:.0f} MiB/s, {cores:.2f} cores busy in the server")
    return rows | {"parallel": parallel}


def publish_small(scale, folder, table):
    """`grayling publish` of many files of 10 KiB, beside one docker-registry push for each."""
    count = scale.small_files

    def contents(round):
        return [bytes_of(10 * 1024, f"{round} {i}") for i in range(count)]

    with Server(folder / "hub").start() as server, DockerRegistry(folder / "registry") as registry:
        machine = Machine(folder / "machine", server.url, server.token)

        def ours(round):
            source = folder / f"files-{round}"
            source.mkdir()
            for i, data in enumerate(contents(f"ours {round} {time.time_ns()}")):
                (source / f"{i:04}.bin").write_bytes(data)
            os.sync()
            with Stopwatch(server.process.pid) as watch:
                machine("publish", source, "bench/many", "-q")
            shutil.rmtree(source)
            return {"files_per_second": count / watch.seconds, "seconds": watch.seconds, "server_cpu": watch.cpu}

        def theirs(round):
            all = contents(f"theirs {round} {time.time_ns()}")
            os.sync()
            # Four connections, kept alive: fairer to the registry than the usual client is.
            seconds = side_by_side([(push_small_to_registry, (registry.url, all[n::4], "bench/many")) for n in range(4)])
            return {"files_per_second": count / seconds, "seconds": seconds}

        result = take_turns(scale.rounds, grayling=ours, registry=theirs)
    ours, theirs = result["grayling"]["median"], result["registry"]["median"]
    table.promise("publish", f"{count} × 10 KiB / docker-registry", ours["files_per_second"] / theirs["files_per_second"], 5,
                  detail=f"{ours['seconds']:.2f} against {theirs['seconds']:.2f} s")
    return result


def republish(scale, folder, table):
    """Publishing an unchanged large folder again: hashing, and one round trip."""
    source = folder / "files"
    source.mkdir()
    for i in range(8):
        shutil.copyfile(seed.file_of(scale.large // 8, f"republish-{i}"), source / f"{i}.bin")
    files = sorted(source.iterdir())
    with Server(folder / "hub").start() as server:
        machine = Machine(folder / "machine", server.url, server.token)
        machine("publish", source, "bench/unchanged", "-q")

        def again(_):
            with Stopwatch() as watch:
                machine("publish", source, "bench/unchanged", "-q")
            return {"seconds": watch.seconds}

        def hashing(_):
            return {"seconds": side_by_side([(lambda mine: [seed.sha256(f) for f in mine], (files[n::2],)) for n in range(2)])}

        result = take_turns(scale.rounds, grayling=again, hashing=hashing)
        with Relay(server.url) as relay:
            machine("publish", source, "bench/unchanged", "-q", GRAYLING_URL=relay.url)
            requests, sent = relay.requests, relay.sent
    ours, floor = result["grayling"]["median"]["seconds"], result["hashing"]["median"]["seconds"]
    table.promise("republish", "unchanged / hashing it on two cores", ours / floor, 1.15, at_least=False, detail=f"{ours:.2f} against {floor:.2f} s")
    table.note("republish", "requests", requests, detail=f"{sent} bytes sent")
    return result


def resolve(scale, folder, table):
    """Name to digest with a full catalog, headers only, beside nginx serving a file of 200 bytes."""
    data, token = seed.catalog_of(scale.versions)
    with Server(folder / "hub", data=data, token=token).start() as server, Nginx(folder / "nginx") as nginx:
        (nginx.root / "file.bin").write_bytes(bytes(200))
        share = scale.versions // 1000
        paths = [f"/hub/v1/models/{seed.name(i * 7 % 1000)}/resolve/v{i * 13 % share}/config.json" for i in range(5000)]

        def side(pid, url, paths, method):
            def run(_):
                before = cpu_seconds(pid)
                found = heads(url, paths, folder, scale.seconds, 16, method)
                return found | {"cpu_us": (cpu_seconds(pid) - before) / found["requests"] * 1e6}
            return run

        result = take_turns(scale.rounds, grayling=side(server.process.pid, server.url, paths, "HEAD"), nginx=side(nginx.pid, nginx.url, ["/file.bin"], "GET"))
        server.stop()
    ours, theirs = result["grayling"]["median"], result["nginx"]["median"]
    table.promise("resolve", f"at {scale.versions} versions, requests per second / nginx", ours["per_second"] / theirs["per_second"], 0.25,
                  detail=f"{ours['per_second']:.0f} against {theirs['per_second']:.0f}; {ours['cpu_us']:.0f} against {theirs['cpu_us']:.0f} µs CPU; p99 {ours['p99_ms']:.1f} ms")
    return result


def memory(scale, folder, table):
    """Resident memory of the server: idle, and while 8 clients move a large blob each."""
    data, token = seed.catalog_of(scale.versions)
    source = seed.file_of(scale.large, "download")
    raw = {"idle": [], "download": [], "upload": []}
    for _ in range(scale.rounds):
        with Server(folder / "idle", data=data, token=token).start() as server:
            time.sleep(1)
            raw["idle"].append(resident_bytes(server.process.pid) / MIB)
            server.stop()
    with Server(folder / "hub").start() as server:
        name = seed.sha256(source)
        status, _ = send_file("PUT", f"{server.url}/hub/v1/blobs/{name}", source, server.token)
        assert status == 201
        with server.api() as api:
            api.post("/hub/v1/models/bench/large/publish", as_json={"files": [{"path": "m.bin", "size": scale.large, "digest": name}]}).expect(201)
        files = [folder / f"up-{i}.bin" for i in range(8)]
        for file in files:
            shutil.copyfile(source, file)
        for round in range(scale.rounds):
            # A fresh process each time: memory that once was needed is not always given back.
            server.restart()
            time.sleep(0.5)
            with PeakMemory(server.process.pid) as peak:
                side_by_side([(download, (f"{server.url}/hub/v1/models/bench/large/resolve/main/m.bin",))] * 8)
            raw["download"].append(peak.growth / MIB)
            for i, file in enumerate(files):
                seed.stamp(file, f"{i} {round} {time.time_ns()}")
            names = [seed.sha256(file) for file in files]
            server.restart()
            time.sleep(0.5)
            jobs = [(send_file, ("PUT", f"{server.url}/hub/v1/blobs/{name}", file, server.token)) for name, file in zip(names, files)]
            with PeakMemory(server.process.pid) as peak:
                side_by_side(jobs)
            raw["upload"].append(peak.growth / MIB)
            for name in names:
                os.remove(server.data / "blobs/sha256" / name[7:9] / name[7:])
        server.stop()
    table.promise("memory", f"idle on {scale.versions} versions", statistics.median(raw["idle"]), 64, at_least=False, unit=" MiB")
    table.promise("memory", "growth, 8 clients download", statistics.median(raw["download"]), 32, at_least=False, unit=" MiB")
    table.promise("memory", "growth, 8 clients upload", statistics.median(raw["upload"]), 32, at_least=False, unit=" MiB")
    return raw


def start(scale, folder, table):
    """From the start of the process to ready, on a root with a full catalog."""
    data, token = seed.catalog_of(scale.versions)
    seconds = []
    with Server(folder / "hub", data=data, token=token) as server:
        for round in range(-1, max(scale.rounds, 5)):
            server.start()
            if round >= 0:
                seconds.append(server.ready_seconds)
            server.stop()
    table.promise("start", f"to ready on {scale.versions} versions", statistics.median(seconds), 0.3, at_least=False, unit=" s")
    return seconds


ALL = {
    "download": download_large, "small": small_files, "upload": upload_large, "publish": publish_small, "republish": republish,
    "resolve": resolve, "memory": memory, "start": start, "hf-upload": vendors.hf_upload,
    "hf-download": vendors.hf_download, "chunking": vendors.chunking, "dedup": vendors.dedup} | gateway.ALL
