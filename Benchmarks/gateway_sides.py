"""The gateway under test, and our own tools in C for it."""

import os
import pathlib
import resource
import shutil
import socket
import subprocess
import time
import urllib.parse

from gateway_releases import serve_external
from kit.server import Server, free_port
from measure import cpu_seconds

HERE = pathlib.Path(__file__).resolve().parent


def tool(name, folder):
    """A program of one C file beside this one."""
    program = pathlib.Path(folder) / name
    if not program.exists():
        compiler = next(filter(shutil.which, ("cc", "clang", "gcc")))
        subprocess.run([compiler, "-O2", "-o", program, HERE / f"{name}.c"], check=True)
    return program


def load(folder, port, path, connections, seconds, rate=0, body=0):
    """Requests per second and their times in µs; all answers must be 200."""
    done = subprocess.run([tool("load", folder), str(port), str(connections), str(seconds), str(rate), str(body)],
                          input=path + "\n", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    count, took, p50, p99, p999, odd = done.stdout.split()
    assert odd == "0", f"{odd} of {count} answers were not 200"
    return {"requests": int(count), "per_second": int(count) / float(took), "p50_us": int(p50), "p99_us": int(p99), "p999_us": int(p999)}


def many_files():
    """1,000 streams are 2,000 connections of a proxy; what is started from here inherits this."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))


class Source:
    """Event streams of `rate` chunks a second each."""

    def __init__(self, folder, rate):
        self.port = free_port()
        self.process = subprocess.Popen([tool("streams", folder), "source", str(self.port), str(rate)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)


class Gateway:
    """Our gateway in front of one port on this machine, with two loops as the others have two
    workers: the whole server with an endpoint whose backend somebody else runs."""

    endpoint = "bench"

    def __init__(self, folder, behind):
        many_files()
        folder = pathlib.Path(folder)
        self.server = Server(folder)
        self.server.start("--gateway", "127.0.0.1:0")
        self.port = urllib.parse.urlsplit(self.server.gateway).port
        self.pid = self.server.process.pid
        self.path = f"/v1/endpoints/{self.endpoint}"
        serve_external(self.server, folder, self.endpoint, f"http://127.0.0.1:{behind}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.__exit__()


class LabGateway:
    """The gateway alone, as an engineer's own small program runs it: `PROGRAM PORT BEHIND LOOPS WIRE`,
    endpoint `chat`. Chosen by GRAYLING_GATEWAY_LAB; good for work on the gateway, not for a claim."""

    def __init__(self, folder, behind):
        many_files()
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        with open(self.folder / "output.log", "wb") as log:
            self.process = subprocess.Popen([os.environ["GRAYLING_GATEWAY_LAB"], str(self.port), str(behind), "2", "openai"], stdout=log, stderr=log)
        self.pid = self.process.pid
        self.path = "/v1/endpoints/chat"
        wait_for(self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)


def wait_for(port, patience=10):
    deadline = time.monotonic() + patience
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def ours(folder, behind):
    return (LabGateway if os.environ.get("GRAYLING_GATEWAY_LAB") else Gateway)(folder, behind)


def timed(pid, work):
    """What `work` measured, and the processor time of `pid` per request meanwhile."""
    before = cpu_seconds(pid)
    found = work()
    return found | {"cpu_us": (cpu_seconds(pid) - before) / found["requests"] * 1e6}
