"""Clients that cost little themselves, so that the servers are measured: plain sockets, large
buffers, a process each."""

import hashlib
import http.client
import json
import multiprocessing
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
import urllib.parse

FORK = multiprocessing.get_context("fork")


def connect(url):
    target = urllib.parse.urlsplit(url)
    wire = socket.create_connection((target.hostname, target.port), timeout=600)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return wire, target


def read_head(wire):
    """Status, length of the body, and what of the body came along."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = wire.recv(65536)
        if not more:
            raise EOFError(data)
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
    return int(head.split()[1]), int(length[1]) if length else 0, rest


def download(url, times=1):
    """Fetches it over one connection and throws the bytes away."""
    wire, target = connect(url)
    request = f"GET {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\n\r\n".encode()
    buffer = bytearray(1 << 20)
    with wire:
        for _ in range(times):
            wire.sendall(request)
            status, left, rest = read_head(wire)
            assert status == 200, status
            left -= len(rest)
            while left:
                count = wire.recv_into(buffer, min(left, len(buffer)))
                if not count:
                    raise EOFError(f"{left} bytes missing")
                left -= count


def send_file(method, url, path, token=None):
    """Sends a file as the body; returns status and answer."""
    wire, target = connect(url)
    size = os.path.getsize(path)
    where = target.path + (f"?{target.query}" if target.query else "")
    head = f"{method} {where} HTTP/1.1\r\nHost: {target.netloc}\r\nContent-Type: application/octet-stream\r\nContent-Length: {size}\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    with wire, open(path, "rb") as file:
        wire.sendall((head + "\r\n").encode())
        wire.sendfile(file)
        status, left, rest = read_head(wire)
        while len(rest) < left:
            rest += wire.recv(65536)
        return status, rest


def push_to_registry(url, path, digest, repo="bench/upload"):
    """A blob as the registry wants it: begin, then all bytes with the digest at the end."""
    target = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname, target.port)
    connection.request("POST", f"/v2/{repo}/blobs/uploads/", headers={"Content-Length": "0"})
    answer = connection.getresponse()
    answer.read()
    place = answer.headers["Location"]
    connection.close()
    place = place if place.startswith("http") else url + place
    status, body = send_file("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", path)
    assert status == 201, (status, body)


def push_small_to_registry(url, contents, repo):
    """Many blobs over one kept-alive connection."""
    target = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname, target.port)
    for data in contents:
        connection.request("POST", f"/v2/{repo}/blobs/uploads/", headers={"Content-Length": "0"})
        answer = connection.getresponse()
        answer.read()
        place = urllib.parse.urlsplit(answer.headers["Location"])
        digest = hashlib.sha256(data).hexdigest()
        connection.request("PUT", f"{place.path}?{place.query}{'&' if place.query else ''}digest=sha256%3A{digest}", body=data,
                           headers={"Content-Type": "application/octet-stream"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 201, body


def side_by_side(jobs):
    """Runs each (function, arguments) in a process of its own, all starting together. Seconds
    from the common start until the last was done."""
    barrier = FORK.Barrier(len(jobs) + 1)
    failures = FORK.SimpleQueue()

    def work(function, arguments):
        try:
            barrier.wait()
            function(*arguments)
        except BaseException as failure:
            failures.put(repr(failure))

    crew = [FORK.Process(target=work, args=job) for job in jobs]
    for worker in crew:
        worker.start()
    barrier.wait()
    began = time.perf_counter()
    for worker in crew:
        worker.join()
    seconds = time.perf_counter() - began
    if not failures.empty():
        raise AssertionError(failures.get())
    return seconds


def heads(url, paths, folder, seconds, connections, method):
    """The same by our own counter, which understands the answer to a HEAD."""
    program = pathlib.Path(folder) / "heads"
    if not program.exists():
        compiler = next(filter(shutil.which, ("cc", "clang", "gcc")))
        subprocess.run([compiler, "-O2", "-o", program, pathlib.Path(__file__).with_name("heads.c")], check=True)
    port = str(urllib.parse.urlsplit(url).port)
    done = subprocess.run([program, port, str(connections), str(seconds), method], input="\n".join(paths) + "\n", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    count, took, p99, odd = done.stdout.split()
    assert odd == "0", f"{odd} of {count} answers were not 200"
    return {"requests": int(count), "per_second": int(count) / float(took), "p99_ms": int(p99) / 1000}


WRK = re.compile(r"(\d+) requests in ([\d.]+)(us|ms|s|m)")


def wrk(url, paths, folder, seconds, connections, method="GET"):
    """Requests per second over `paths` in turn, by wrk. All answers must be of status 200."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    listed = folder / f"paths-{urllib.parse.urlsplit(url).port}.txt"
    listed.write_text("\n".join(paths) + "\n")
    script = folder / "turns.lua"
    script.write_text(f"""
local requests = {{}}
local at = 0
function init(args)
    for line in io.lines("{listed}") do requests[#requests + 1] = wrk.format("{method}", line) end
end
function request()
    at = at % #requests + 1
    return requests[at]
end
""")
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script, url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    count, length, unit = WRK.search(out).groups()
    rate = int(count) / (float(length) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[unit])
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    return {"requests": int(count), "per_second": rate, "p99_ms": float(late[1]) * {"us": 1e-3, "ms": 1, "s": 1000}[late[2]]}
