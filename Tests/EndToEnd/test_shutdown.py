"""Stopping is graceful: what is under way is finished, within a deadline."""

import socket
import threading
import time
import urllib.parse

import pytest

from kit.api import API, digest
from kit.content import bytes_of


def slow_download(url, path, size, rate, result, started):
    """Reads a download at `rate` bytes per second with a small window."""
    target = urllib.parse.urlsplit(url)
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    wire.settimeout(30)
    wire.connect((target.hostname, target.port))
    wire.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    received = b""
    try:
        while data := wire.recv(1 << 16):
            received += data
            started.set()
            time.sleep(len(data) / rate)
    except OSError as error:
        result["error"] = error
    result["body"] = received.partition(b"\r\n\r\n")[2]


def test_a_running_download_is_finished(server):
    server.start()
    data = bytes_of(24 << 20, "slow")
    with server.api() as api:
        api.publish("acme/slow", {"weights.bin": data})
    result, started = {}, threading.Event()
    reader = threading.Thread(
        target=slow_download,
        args=(server.url, "/hub/v1/models/acme/slow/resolve/main/weights.bin", len(data), 12 << 20, result, started))
    reader.start()
    assert started.wait(10)
    began = time.monotonic()
    assert server.stop() == 0, server.log[-2000:]
    took = time.monotonic() - began
    reader.join(30)
    assert digest(result["body"]) == digest(data), (len(result["body"]), result.get("error"))
    assert 0.3 < took < 25, f"stopped after {took} s"


def test_an_idle_connection_does_not_hold_it_up(server):
    server.start()
    with API(server.url) as api:
        api.get("/healthz").expect(200)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 5


def test_a_second_signal_ends_it_at_once_or_the_deadline_does(server):
    server.start("--shutdown-seconds", "1")
    data = bytes_of(24 << 20, "slower")
    with server.api() as api:
        api.publish("acme/slow", {"weights.bin": data})
    result, started = {}, threading.Event()
    reader = threading.Thread(
        target=slow_download,
        args=(server.url, "/hub/v1/models/acme/slow/resolve/main/weights.bin", len(data), 1 << 20, result, started))
    reader.start()
    assert started.wait(10)
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 10
    reader.join(30)
    assert len(result["body"]) < len(data)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_both_signals_stop_it(server, name):
    import signal

    server.start()
    server.process.send_signal(getattr(signal, name))
    assert server.wait(10) == 0
