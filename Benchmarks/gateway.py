"""The gateway beside nginx and HAProxy as reverse proxies: requests, streams, memory, goodbyes."""

import contextlib
import select
import socket
import statistics
import subprocess
import threading
import time

import gateway_releases
from gateway_sides import Source, load, many_files, ours, timed, tool
from measure import family, resident_bytes, take_turns
from rivals.proxies import Behind, HAProxy, NginxProxy

STREAMS = 1000


@contextlib.contextmanager
def proxies(folder, port, buffering="off"):
    """Who stands in front of a port: name -> (pid, port, what comes before a path)."""
    with ours(folder / "ours", port) as grayling, HAProxy(folder / "haproxy", port) as haproxy, NginxProxy(folder / "nginx", port, buffering) as nginx:
        yield {"grayling": (grayling.pid, grayling.port, grayling.path), "haproxy": (haproxy.pid, haproxy.port, ""), "nginx": (nginx.pid, nginx.port, "")}


def requests(scale, folder, table):
    """Small and middling answers through each proxy, keep-alive, the same nginx behind all."""
    raw = {}
    with Behind(folder / "behind") as behind, proxies(folder, behind.port, "on") as fronts:
        sides = {"direct": (behind.pid, behind.port, "")} | fronts

        def turns(path, connections, rate=0, body=0, seconds=scale.gateway_seconds):
            def side(pid, port, before):
                return lambda _: timed(pid, lambda: load(folder, port, before + path, connections, seconds, rate, body))
            return take_turns(scale.rounds, **{name: side(*place) for name, place in sides.items()})

        for size in (200, 16384):
            for connections in (1, 16, 64):
                result = raw[f"{size} x {connections}"] = turns(f"/{size}", connections)
                judge_throughput(table, f"{size} B, {connections} connection{'s' if connections > 1 else ''}", result)
                if connections == 1:
                    judge_latency(table, f"{size} B, 1 connection", result)
            # What everybody else adds when nobody is overloaded: times at a rate all of them can carry.
            result = raw[f"{size} at 1000"] = turns(f"/{size}", 16, rate=1000, seconds=2 * scale.gateway_seconds)
            judge_latency(table, f"{size} B, 1,000 requests/s over 16", result)
        result = raw["1 KiB posted"] = turns("/v1/embeddings", 16, body=1024)
        a, b = result["grayling"]["median"], result["haproxy"]["median"]
        table.note("gateway", "1 KiB of JSON posted, 16 connections, requests per second / HAProxy", a["per_second"] / b["per_second"],
                   detail=f"{a['per_second']:.0f} against {b['per_second']:.0f}")
    return raw


def judge_throughput(table, what, result):
    a, b, c = (result[name]["median"] for name in ("grayling", "haproxy", "nginx"))
    table.promise("gateway", f"{what}, requests per second / HAProxy", a["per_second"] / b["per_second"], 0.8,
                  detail=f"{a['per_second']:.0f} against {b['per_second']:.0f}; nginx {c['per_second']:.0f}, direct {result['direct']['median']['per_second']:.0f}")
    table.promise("gateway", f"{what}, CPU per request / HAProxy", a["cpu_us"] / b["cpu_us"], 1.6, at_least=False,
                  detail=f"{a['cpu_us']:.1f} against {b['cpu_us']:.1f} µs; nginx {c['cpu_us']:.1f} µs")


def judge_latency(table, what, result):
    """Added is what is more than without a proxy in the same round; medians of the rounds."""
    for p, word, least in (("p50_us", "p50", 20), ("p99_us", "p99", 100)):
        added = {name: statistics.median(a[p] - d[p] for a, d in zip(result[name]["rounds"], result["direct"]["rounds"])) for name in ("grayling", "haproxy", "nginx")}
        whole = {name: result[name]["median"][p] for name in result}
        # Less than that is noise here, and nothing beside a model: a ratio of noise is no verdict.
        table.promise("gateway", f"{what}, added {word} / HAProxy", max(added["grayling"], least) / max(added["haproxy"], least), 1.3, at_least=False,
                      detail=f"{added['grayling']:.0f} against {added['haproxy']:.0f} µs; nginx {added['nginx']:.0f}; direct {whole['direct']:.0f}")


def streams(scale, folder, table):
    """1,000 open event streams: how late their chunks come."""
    many_files()
    rate = scale.chunk_rate
    raw = {}
    with Source(folder, rate) as source, proxies(folder, source.port) as fronts:
        sides = {"direct": (source.process.pid, source.port, "")} | fronts

        def side(pid, port, before):
            def run():
                done = subprocess.run([tool("streams", folder), "watch", str(port), str(STREAMS), str(scale.gateway_seconds), before + "/v1/chat/completions"],
                                      capture_output=True, text=True)
                assert done.returncode == 0, done.stderr
                received, watched, p50, p99, p999, longest = map(int, done.stdout.split())
                return {"requests": received, "watched": watched, "p50_us": p50, "p99_us": p99, "p999_us": p999, "longest_us": longest}
            return lambda _: timed(pid, run)

        result = raw["streams"] = take_turns(scale.rounds, **{name: side(*place) for name, place in sides.items()})
    added = {name: statistics.median(a["p99_us"] - d["p99_us"] for a, d in zip(result[name]["rounds"], result["direct"]["rounds"]))
             for name in ("grayling", "haproxy", "nginx")}
    middle = {name: result[name]["median"] for name in result}
    table.promise("gateway-streams", f"{STREAMS} streams x {rate} chunks/s, added p99 / nginx", max(added["grayling"], 100) / max(added["nginx"], 100), 1.2, at_least=False,
                  detail=f"{added['grayling']:.0f} against {added['nginx']:.0f} µs, HAProxy {added['haproxy']:.0f}; direct {middle['direct']['p99_us']:.0f}; "
                         f"CPU per chunk {middle['grayling']['cpu_us']:.1f}, nginx {middle['nginx']['cpu_us']:.1f}, HAProxy {middle['haproxy']['cpu_us']:.1f} µs")
    return raw


def memory(scale, folder, table):
    """Resident memory of 1,000 open streams on which nothing happens."""
    many_files()
    grown = {"grayling": [], "haproxy": [], "nginx": []}
    for round in range(scale.rounds):
        # Processes started afresh: memory that once was needed is not always given back.
        with Source(folder, 0) as source, proxies(folder / str(round), source.port) as fronts:
            for name, (pid, port, before) in fronts.items():
                watch(folder, port, before, 10)
                start = resident(pid)
                with held(folder, port, before, STREAMS):
                    time.sleep(1)
                    grown[name].append((resident(pid) - start) / STREAMS / 1024)
    middle = {name: statistics.median(found) for name, found in grown.items()}
    table.promise("gateway-memory", f"per idle stream of {STREAMS}", middle["grayling"], 32, at_least=False, unit=" KiB",
                  detail=f"HAProxy {middle['haproxy']:.1f}, nginx {middle['nginx']:.1f}")
    return grown


def resident(pid):
    return sum(resident_bytes(member) for member in family(pid))


def watch(folder, port, before, count):
    with held(folder, port, before, count):
        pass


@contextlib.contextmanager
def held(folder, port, before, count):
    process = subprocess.Popen([tool("streams", folder), "hold", str(port), str(count), before + "/v1/chat/completions"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "open\n"
        yield
    finally:
        process.stdin.close()
        process.wait(10)


class Listener:
    """An upstream that begins a stream and then only notes when its connection ends."""

    def __init__(self, streams):
        self.streams, self.ended = streams, {}
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                wire, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(wire,), daemon=True).start()

    def serve(self, wire):
        with wire:
            data = b""
            while b"\r\n\r\n" not in data:
                more = wire.recv(65536)
                if not more:
                    return
                data += more
            if data.startswith(b"GET /health"):
                return wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            number = int(data.split(b"/n/")[1].split(b" ")[0])
            wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
            wire.setblocking(False)
            while True:
                # A stream that is busy, as a model's is, or one that says nothing.
                select.select([wire], [], [], 0.002 if self.streams else None)
                try:
                    if not wire.recv(65536):
                        break
                except BlockingIOError:
                    with contextlib.suppress(BlockingIOError):
                        wire.send(b"9\r\ndata: 2\n\n\r\n")
                except OSError:
                    break
            self.ended[number] = time.monotonic()


def leave(scale, folder, table):
    """From a client's goodbye in the middle of a stream until the upstream's connection is closed."""
    raw = {}
    for kind, is_busy in (("silent", False), ("busy", True)):
        listener = Listener(is_busy)
        with proxies(folder / kind, listener.port) as fronts:
            # HAProxy holds on to a silent upstream until its timeout, as it comes.
            fronts = {name: fronts[name] for name in ("grayling", "nginx")}
            found = {name: [] for name in fronts}
            number = 0
            for round in range(40 * scale.rounds):
                for name, (_, port, before) in fronts.items():
                    number += 1
                    wire = socket.create_connection(("127.0.0.1", port))
                    wire.sendall(f"GET {before}/n/{number} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
                    data = b""
                    while b"data: 1" not in data:
                        data += wire.recv(65536)
                    began = time.monotonic()
                    wire.close()
                    while number not in listener.ended and time.monotonic() < began + 5:
                        time.sleep(0.0002)
                    found[name].append((listener.ended.get(number, began + 5) - began) * 1000)
        listener.socket.close()
        raw[kind] = found
        ours_, theirs = sorted(found["grayling"]), sorted(found["nginx"])
        table.promise("gateway-leave", f"{kind} stream, goodbye to upstream closed, slowest of {len(ours_)}", ours_[-1], 100, at_least=False, unit=" ms",
                      detail=f"median {statistics.median(ours_):.2f} ms; nginx median {statistics.median(theirs):.2f}, slowest {theirs[-1]:.1f}")
    return raw


ALL = {"gateway": requests, "gateway-streams": streams, "gateway-memory": memory, "gateway-leave": leave} | gateway_releases.ALL
