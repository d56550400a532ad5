"""Sending bytes: verified while they arrive, and nothing is left of what was wrong."""

import hashlib
import os
import threading

import pytest

from kit import wire
from kit.api import API, digest
from kit.content import bytes_of


def names_in(hub, folder):
    return sorted(os.listdir(hub.data / folder))


def stored(hub, data):
    hex = digest(data)[7:]
    return (hub.data / "blobs/sha256" / hex[:2] / hex).exists()


@pytest.mark.parametrize("size", [0, 1, 1000, 262_144, 262_145, 1 << 20, 5_000_001])
def test_a_blob_of_any_size(hub, api, size):
    data = bytes_of(size, "any size")
    # Everybody has the empty file already.
    first = api.put_blob(data).expect(201 if size else 200, 201).json
    assert first == {"digest": digest(data), "size": size, "wasNew": first["wasNew"]} and (first["wasNew"] or not size)
    assert api.put_blob(data).expect(200).json["wasNew"] is False
    assert api.get(f"/hub/v1/blobs/{digest(data)}").expect(200).body == data
    path = hub.data / "blobs/sha256" / digest(data)[7:9] / digest(data)[7:]
    assert path.read_bytes() == data and path.stat().st_mode & 0o777 == 0o444


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_bytes_of_another_digest(hub, api, size):
    data, other = bytes_of(size, "right"), bytes_of(size, "wrong")
    refused = api.put(f"/hub/v1/blobs/{digest(data)}", body=other).refused(400, "digest-mismatch")
    assert refused.json["details"] == {"expected": digest(data), "received": digest(other)}
    assert not stored(hub, data) and not stored(hub, other)
    assert names_in(hub, "incoming") == []


@pytest.mark.parametrize("size", [50_000, 3_000_000])
def test_a_body_that_ends_early(hub, size):
    data = bytes_of(size, "truncated")
    head = f"PUT /hub/v1/blobs/{digest(data)} HTTP/1.1\nHost: x\nAuthorization: Bearer {hub.token}\nContent-Length: {size}\n\n"
    answer = wire.raw(hub.url, head, data[: size // 2], close_early=True)
    assert b" 201 " not in answer and b" 200 " not in answer
    assert not stored(hub, data)
    deadline = threading.Event()
    for _ in range(100):
        if not names_in(hub, "incoming"):
            break
        deadline.wait(0.05)
    assert names_in(hub, "incoming") == []
    with hub.api() as api:
        api.put_blob(data).expect(201)


def test_a_chunked_body(hub):
    data = bytes_of(700_000, "chunked")
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (data[i:i + 65_536] for i in range(0, len(data), 65_536)))
    head = f"PUT /hub/v1/blobs/{digest(data)} HTTP/1.1\nHost: x\nAuthorization: Bearer {hub.token}\nTransfer-Encoding: chunked\nConnection: close\n\n"
    assert b" 201 " in wire.raw(hub.url, head, chunks + b"0\r\n\r\n").split(b"\r\n")[0]
    assert stored(hub, data)


@pytest.mark.parametrize("name", ["nonsense", "sha256:00", "md5:" + "0" * 32, "sha256:" + "G" * 64, "..%2F..%2Fetc%2Fpasswd"])
def test_what_is_no_digest(api, name):
    api.put(f"/hub/v1/blobs/{name}", body=b"x").refused(400, "invalid-digest")
    answer = api.get(f"/hub/v1/blobs/{name}")
    assert answer.status in (400, 404)


def test_many_small_ones_in_one_body(hub, api):
    many = [bytes_of(i * 37, "batch") for i in range(1, 200)]
    items = api.put_blobs(many).expect(201).json["items"]
    assert [i["digest"] for i in items] == [digest(d) for d in many] and all(i["wasNew"] for i in items)
    assert not any(i["wasNew"] for i in api.put_blobs(many).expect(201).json["items"])


@pytest.mark.parametrize("body", [
    b"not a header\n", b"0" * 64 + b" 5\nabc", b"0" * 64 + b" -5\nabc", b"0" * 64 + b" 99999999\n", b"z" * 64 + b" 1\nx", b"0" * 5000,
    hashlib.sha256(b"abc").hexdigest().encode() + b" 3\nabd"])
def test_a_batch_that_is_wrong(hub, api, body):
    answer = api.post("/hub/v1/blobs", body=body, headers={"Content-Type": "application/vnd.grayling.blobs"})
    assert 400 <= answer.status < 500 and answer.code, (answer.status, answer.body)
    assert names_in(hub, "incoming") == []


PART = 32 << 20


@pytest.fixture(scope="module")
def large():
    return bytes_of(PART + 3_000_000, "large")


def test_parts_in_any_order_side_by_side(hub, api, large):
    upload = api.post("/hub/v1/uploads", as_json={"digest": digest(large), "size": len(large)}).expect(201).json
    assert upload["partSize"] == PART and upload["received"] == []
    base = f"/hub/v1/uploads/{upload['id']}"
    early = api.post(f"{base}/complete")
    assert early.status in (400, 409) and early.code
    api.put(f"{base}/parts/2", body=b"x").refused(400, "invalid-request")
    api.put(f"{base}/parts/1", body=large[PART:-1]).refused(400, "size-mismatch")

    def send(number):
        with hub.api() as mine:
            mine.put(f"{base}/parts/{number}", body=large[number * PART:(number + 1) * PART]).expect(204)

    crew = [threading.Thread(target=send, args=(n,)) for n in (1, 0)]
    for worker in crew:
        worker.start()
    for worker in crew:
        worker.join()
    assert api.get(base).json["received"] == [0, 1]
    # Whoever begins the same upload again finds it.
    assert api.post("/hub/v1/uploads", as_json={"digest": digest(large), "size": len(large)}).expect(200, 201).json["received"] == [0, 1]
    assert api.post(f"{base}/complete").expect(201).json == {"digest": digest(large), "size": len(large), "wasNew": True}
    api.get(base).refused(404, "unknown-upload")
    assert names_in(hub, "uploads") == []


def test_parts_of_another_file(hub, api, large):
    other = bytes(len(large))
    upload = api.post("/hub/v1/uploads", as_json={"digest": digest(b"never"), "size": len(large)}).expect(201).json
    base = f"/hub/v1/uploads/{upload['id']}"
    for number in (0, 1):
        api.put(f"{base}/parts/{number}", body=other[number * PART:(number + 1) * PART]).expect(204)
    api.post(f"{base}/complete").refused(400, "digest-mismatch")
    assert names_in(hub, "uploads") == []


def test_an_upload_outlives_the_server(server, large):
    server.start()
    with server.api() as api:
        upload = api.post("/hub/v1/uploads", as_json={"digest": digest(large), "size": len(large)}).expect(201).json
        api.put(f"/hub/v1/uploads/{upload['id']}/parts/0", body=large[:PART]).expect(204)
    server.kill()
    server.start()
    with server.api() as api:
        assert api.get(f"/hub/v1/uploads/{upload['id']}").expect(200).json["received"] == [0]
        api.put(f"/hub/v1/uploads/{upload['id']}/parts/1", body=large[PART:]).expect(204)
        api.post(f"/hub/v1/uploads/{upload['id']}/complete").expect(201)


def test_an_upload_can_be_given_up(hub, api):
    upload = api.post("/hub/v1/uploads", as_json={"digest": digest(b"given up"), "size": 8}).expect(201).json
    api.delete(f"/hub/v1/uploads/{upload['id']}").expect(204)
    api.delete(f"/hub/v1/uploads/{upload['id']}").expect(204, 404)
    assert names_in(hub, "uploads") == []


@pytest.mark.parametrize("id", ["nonsense", "0" * 32, "..%2f..", "%00"])
def test_an_upload_that_is_not_there(api, id):
    answer = api.get(f"/hub/v1/uploads/{id}")
    assert (answer.status, answer.code) in ((404, "unknown-upload"), (404, "unknown-route"), (400, "invalid-request")), answer.body


def test_hostile_heads(hub):
    for head in ("GET / HTTP/9.9\n\n", "\0\0\0\0\n\n", "GET /hub/v1/models HTTP/1.1\nHost: x\nContent-Length: -1\n\n",
                 "POST /hub/v1/blobs HTTP/1.1\nHost: x\nContent-Length: 5\nContent-Length: 6\n\nhello",
                 "GET /" + "a" * 200_000 + " HTTP/1.1\nHost: x\n\n", "GET /hub/v1/models HTTP/1.1\n" + "X: y\n" * 20_000 + "\n"):
        answer = wire.raw(hub.url, head, patience=3, close_early=True)
        assert not answer.startswith(b"HTTP/1.1 2") and not answer.startswith(b"HTTP/1.1 500"), (head[:60], answer[:200])
    with API(hub.url) as api:
        api.get("/healthz").expect(200)
