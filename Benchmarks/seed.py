"""Contents and data roots that are expensive to make; kept in .bench until `make clean`."""

import hashlib
import itertools
import json
import pathlib
import random
import shutil
import socket
import threading
import urllib.parse

from kit.api import digest
from kit.places import CHECKOUT
from kit.server import Server

BENCH = CHECKOUT / ".bench"


def file_of(size, name):
    """A file of noise."""
    path = BENCH / "data" / f"{name}-{size}.bin"
    if not path.exists() or path.stat().st_size != size:
        path.parent.mkdir(parents=True, exist_ok=True)
        chance = random.Random(name)
        with open(path, "wb") as file:
            left = size
            while left:
                count = min(left, 1 << 22)
                file.write(chance.randbytes(count))
                left -= count
    return path


def stamp(path, text):
    """Makes the file another one: changes its first 32 bytes, and nothing else is read or written."""
    with open(path, "r+b") as file:
        file.write(hashlib.sha256(str(text).encode()).digest())


def sha256(path):
    with open(path, "rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def catalog_of(versions, repos=1000):
    """A data root with that many versions, made through the front door: every repo has one file
    of 200 bytes and its share of versions. Answers (root, token)."""
    folder = BENCH / "roots" / f"versions-{versions}"
    migrations = sorted(p.name for p in (CHECKOUT / "Migrations").glob("*.sql"))
    label = json.dumps({"versions": versions, "repos": repos, "schema": migrations, "generation": 1})
    token = "hf_" + "b" * 40
    if (folder / "label").exists() and (folder / "label").read_text() == label:
        return folder / "server" / "data", token
    shutil.rmtree(folder, ignore_errors=True)
    print(f"  making a catalog of {versions} versions, once …", flush=True)
    with Server(folder / "server", token=token) as server:
        server.start()
        with server.api() as api:
            for start in range(0, repos, 250):
                api.put_blobs([content(n) for n in range(start, min(start + 250, repos))]).expect(201)
        numbers = itertools.count()
        lock, failures = threading.Lock(), []

        def work():
            try:
                with Pipe(server.url, token) as pipe:
                    while True:
                        with lock:
                            number = next(numbers)
                        if number >= repos:
                            return
                        data = content(number)
                        pipe.ask("POST", f"/hub/v1/models/{name(number)}/publish", {
                            "files": [{"path": "config.json", "size": len(data), "digest": digest(data)}], "version": "v0"})
                        share = versions // repos + (number < versions % repos)
                        pipe.ask_all("PUT", [f"/hub/v1/models/{name(number)}/versions/v{i}" for i in range(1, share)], {"revision": "v0"})
            except Exception as failure:
                failures.append(failure)

        crew = [threading.Thread(target=work) for _ in range(16)]
        for worker in crew:
            worker.start()
        for worker in crew:
            worker.join()
        assert not failures, failures
        assert server.stop() == 0
    (folder / "label").write_text(label)
    return folder / "server" / "data", token


def name(number):
    return f"org-{number % 20}/model-{number}"


def content(number):
    return (b'{"number": %d, "padding": "' % number).ljust(198, b"x") + b'"}'


class Pipe:
    """A connection that sends the next request before the last is answered."""

    def __init__(self, url, token):
        target = urllib.parse.urlsplit(url)
        self.wire = socket.create_connection((target.hostname, target.port))
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.wire.makefile("rb")
        self.head = f"Host: {target.netloc}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()

    def ask(self, method, path, body):
        self.ask_all(method, [path], body)

    def ask_all(self, method, paths, body):
        data = json.dumps(body).encode()
        for start in range(0, len(paths), 16):
            group = paths[start:start + 16]
            self.wire.sendall(b"".join(
                f"{method} {path} HTTP/1.1\r\n{self.head}Content-Length: {len(data)}\r\n\r\n".encode() + data for path in group))
            for path in group:
                self.answer(path)

    def answer(self, path):
        status = self.reader.readline().split()
        length = 0
        while (line := self.reader.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        body = self.reader.read(length)
        assert len(status) > 1 and status[1] in (b"200", b"201"), (path, status, body)
