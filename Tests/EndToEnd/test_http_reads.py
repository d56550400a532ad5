"""Reading bytes with curl, as a load balancer, a browser or a download tool would."""

import subprocess

import pytest

from kit.api import digest
from kit.content import bytes_of

DATA = bytes_of(3_000_001, "ranges")
ETAG = '"' + digest(DATA)[7:] + '"'


@pytest.fixture(scope="module")
def address(hub):
    with hub.api() as api:
        commit = api.publish("acme/ranges", {"weights.bin": DATA, "empty": b"", "small": b"hello"}, version="1.0.0")["commit"]
    return type("Address", (), {
        "file": f"{hub.url}/hub/v1/models/acme/ranges/resolve/1.0.0/weights.bin", "commit": commit,
        "empty": f"{hub.url}/hub/v1/models/acme/ranges/resolve/1.0.0/empty",
        "blob": f"{hub.url}/hub/v1/blobs/{digest(DATA)}"})


def curl(*arguments):
    """Status, headers (names in lower case) and body."""
    done = subprocess.run(["curl", "-sS", "-D", "-", "-o", "-", "--max-time", "30", *arguments], capture_output=True)
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), {k.lower(): v.strip() for k, _, v in (l.partition(":") for l in lines[1:])}, body


def test_whole(address):
    status, headers, body = curl(address.file)
    assert status == 200 and body == DATA
    assert headers["content-length"] == str(len(DATA))
    assert headers["etag"] == ETAG and headers["accept-ranges"] == "bytes"
    assert headers["x-repo-commit"] == address.commit
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("asked, start, end", [
    ("0-3", 0, 4), ("1000000-1000000", 1_000_000, 1_000_001), ("2999999-", 2_999_999, 3_000_001), ("-7", 2_999_994, 3_000_001),
    ("0-99999999999", 0, 3_000_001), ("-99999999999", 0, 3_000_001), ("1048576-2097151", 1_048_576, 2_097_152)])
def test_ranges(address, asked, start, end):
    for url in (address.file, address.blob):
        status, headers, body = curl("-r", asked, url)
        assert status == 206
        assert headers["content-range"] == f"bytes {start}-{end - 1}/{len(DATA)}"
        assert headers["content-length"] == str(end - start)
        assert body == DATA[start:end]


@pytest.mark.parametrize("asked", ["3000001-", "99999999999-", "-0"])
def test_a_range_behind_the_end(address, asked):
    status, headers, _ = curl("-H", f"Range: bytes={asked}", address.file)
    assert status == 416 and headers["content-range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=x-y", "lines=1-2", "bytes", ""])
def test_a_range_that_is_none_is_ignored(address, asked):
    status, headers, body = curl("-H", f"Range: {asked}", address.file)
    assert status == 200 and body == DATA


def test_several_ranges_get_the_whole_or_the_parts(address):
    status, _, body = curl("-H", "Range: bytes=0-1,5-6", address.file)
    assert status in (200, 206)
    assert status == 206 or body == DATA


def test_if_range(address):
    assert curl("-r", "0-3", "-H", f"If-Range: {ETAG}", address.file)[0] == 206
    status, _, body = curl("-r", "0-3", "-H", 'If-Range: "another"', address.file)
    assert status == 200 and body == DATA
    assert curl("-r", "0-3", "-H", f"If-Range: W/{ETAG}", address.file)[0] == 200
    assert curl("-r", "0-3", "-H", "If-Range: Wed, 21 Oct 2037 07:28:00 GMT", address.file)[0] == 200


def test_if_none_match(address):
    for tag in (ETAG, f"W/{ETAG}", f'"x", {ETAG}', "*"):
        status, headers, body = curl("-H", f"If-None-Match: {tag}", address.file)
        assert status == 304 and body == b"" and headers["etag"] == ETAG
    assert curl("-H", 'If-None-Match: "another"', address.file)[0] == 200


def test_if_match(address):
    assert curl("-H", f"If-Match: {ETAG}", address.file)[0] == 200
    assert curl("-H", 'If-Match: "another"', address.file)[0] == 412


def test_head_says_what_get_would(address):
    # With -I curl prints the head itself, too.
    status, headers, body = curl("-I", address.file)
    assert status == 200 and not body.strip()
    assert headers["content-length"] == str(len(DATA)) and headers["etag"] == ETAG and headers["x-repo-commit"] == address.commit
    assert curl("-I", "-H", f"If-None-Match: {ETAG}", address.file)[0] == 304


def test_an_empty_file(address):
    status, headers, body = curl(address.empty)
    assert status == 200 and body == b"" and headers["content-length"] == "0"
    assert curl("-r", "0-3", address.empty)[0] == 416


def test_one_connection_serves_many(address, tmp_path):
    """Ranges, refusals and heads mixed on one kept-alive connection: nothing shifts."""
    steps = []
    for i in range(20):
        steps += ["-r", f"{i * 1000}-{i * 1000 + 9}", "-o", str(tmp_path / f"{i}"), "-w", "%{http_code} %{num_connects}\\n", "-sS", address.file, "--next"]
        steps += ["-o", "/dev/null", "-w", "%{http_code} %{num_connects}\\n", "-sS", address.file + "-absent", "--next"]
        steps += ["-I", "-o", "/dev/null", "-w", "%{http_code} %{num_connects}\\n", "-sS", address.file, "--next"]
    done = subprocess.run(["curl", *steps[:-1]], capture_output=True, text=True)
    answers = [line.split() for line in done.stdout.splitlines()]
    assert [a[0] for a in answers] == ["206", "404", "200"] * 20
    assert sum(int(a[1]) for a in answers) == 1
    assert all((tmp_path / f"{i}").read_bytes() == DATA[i * 1000:i * 1000 + 10] for i in range(20))


def test_curl_goes_on_where_it_stopped(address, tmp_path):
    part = tmp_path / "weights.bin"
    part.write_bytes(DATA[:1_234_567])
    subprocess.run(["curl", "-sS", "-C", "-", "-o", part, address.file], check=True)
    assert part.read_bytes() == DATA


def test_a_client_that_leaves_costs_nothing(hub, address):
    import os
    import socket
    import time
    import urllib.parse

    target = urllib.parse.urlsplit(address.file)
    before = len(os.listdir(f"/proc/{hub.process.pid}/fd"))
    for _ in range(30):
        wire = socket.create_connection((target.hostname, target.port))
        wire.sendall(f"GET {target.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wire.recv(1000)
        wire.close()
    deadline = time.monotonic() + 10
    while len(os.listdir(f"/proc/{hub.process.pid}/fd")) > before + 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(os.listdir(f"/proc/{hub.process.pid}/fd")) <= before + 3, "files of clients that left stay open"
    assert curl(address.file)[2] == DATA


@pytest.mark.parametrize("revision, path, code", [
    ("9.9.9", "weights.bin", "unknown-revision"), ("0" * 40, "weights.bin", "unknown-revision"),
    ("1.0.0", "nothing.bin", "unknown-file"), ("1.0.0", "weights.bin/deeper", "unknown-file")])
def test_what_is_not_there(stranger, address, revision, path, code):
    stranger.resolve("acme/ranges", revision, path).refused(404, code)
