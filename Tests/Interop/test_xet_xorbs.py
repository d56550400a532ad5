"""Xorbs that are not what they say: each refused, nothing kept, and the true one taken afterwards."""

import pathlib
import time

import pytest

from clients import xet
from clients.by_hand import Made, in_words, is_taken, nothing_kept
from clients.versions import newest
from kit.content import bytes_of
from kit.wire import raw

pytestmark = newest


def test_a_xorb_under_another_name(store, hub, model, made, alice, server, repo):
    with nothing_kept(server):
        in_words(store.put_xorb(Made(f"{repo} other").name, made.xorb))
        in_words(store.put_xorb(xet.text(made.name)[::-1], made.xorb))
        # The plain digits of the bytes, which is what one would write first.
        in_words(store.put_xorb(made.name.hex(), made.xorb))
        in_words(store.put_shard(made.shard()))
    is_taken(store, hub, model, made, alice)


def test_a_name_that_is_none(store, made):
    for name in ("abc", "g" * 64, "0" * 63, "0" * 65, "..%2F..", xet.text(made.name).upper() + "0"):
        in_words(store.put_xorb(name, made.xorb), 400, 404)


def test_a_truncated_xorb(store, hub, model, made, alice, server):
    with nothing_kept(server):
        for length in (0, 3, 8, 20_000, 20_008, 40_020, len(made.xorb) - 1):
            in_words(store.put_xorb(made.name, made.xorb[:length]))
        in_words(store.put_xorb(made.name, made.xorb + b"\0\1\2"))
        in_words(store.put_shard(made.shard()))
    is_taken(store, hub, model, made, alice)


def test_a_connection_that_ends_in_the_middle_of_a_xorb(store, url, hub, model, made, alice, server):
    head = (f"POST {store.prefix}/v1/xorbs/default/{xet.text(made.name)} HTTP/1.1\nHost: {url.removeprefix('http://')}\n"
            f"Authorization: Bearer {store.api.token}\nContent-Length: {len(made.xorb)}\n\n")
    with nothing_kept(server):
        raw(url, head, made.xorb[:30_000], patience=3, close_early=True)
        time.sleep(0.3)
        in_words(store.put_shard(made.shard()))
    is_taken(store, hub, model, made, alice)


def test_a_chunk_that_is_too_long(store, hub, model, repo, alice, server):
    fits = Made("", [bytes_of(xet.LARGEST_CHUNK, repo)])
    too_long = Made("", [bytes_of(xet.LARGEST_CHUNK + 1, repo)])
    with nothing_kept(server):
        in_words(store.put_xorb(too_long.name, too_long.xorb))
        in_words(store.put_shard(too_long.shard()))
    is_taken(store, hub, model, fits, alice)


def test_too_many_chunks(store, server):
    chunks = [i.to_bytes(2, "little") for i in range(8193)]
    store.put_xorb(xet.xorb_hash(chunks[:8192]), xet.xorb(chunks[:8192])).expect(200)
    with nothing_kept(server):
        in_words(store.put_xorb(xet.xorb_hash(chunks), xet.xorb(chunks)))


#: 64 MiB of content; the headers of up to 8192 chunks come on top, and real clients use that room.
LONGEST_XORB = (64 << 20) + 8 * 8192


def test_the_longest_xorb(store, repo):
    chunk = bytes_of(xet.LARGEST_CHUNK, repo)
    chunks = [i.to_bytes(2, "little") + chunk[2:] for i in range(512)]
    store.put_xorb(xet.xorb_hash(chunks), xet.xorb(chunks)).expect(200)


def test_a_xorb_that_is_too_long_is_refused_before_it_is_read(store, url, server, made):
    head = (f"POST {store.prefix}/v1/xorbs/default/{xet.text(made.name)} HTTP/1.1\nHost: {url.removeprefix('http://')}\n"
            f"Authorization: Bearer {store.api.token}\nContent-Length: {LONGEST_XORB + (4 << 20)}\n\n")
    with nothing_kept(server):
        answer = raw(url, head, patience=2)
        assert answer[:12] in (b"HTTP/1.1 413", b"HTTP/1.1 400"), answer[:200]


@pytest.mark.parametrize("record", [
    lambda c: xet.chunk_record(c, version=1), lambda c: xet.chunk_record(c, scheme=3), lambda c: xet.chunk_record(c, scheme=255),
    lambda c: xet.chunk_record(c, raw_length=len(c) - 1), lambda c: xet.chunk_record(c, raw_length=len(c) + 1),
    lambda c: xet.chunk_record(c, scheme=1), lambda c: xet.chunk_record(b"", raw_length=len(c), scheme=1),
    lambda c: xet.chunk_record(c) + xet.chunk_record(b"")],
    ids=["version", "scheme 3", "scheme 255", "shorter", "longer", "not LZ4", "nothing stored", "an empty chunk"])
def test_a_record_that_lies(store, hub, model, made, alice, server, record):
    with nothing_kept(server):
        in_words(store.put_xorb(made.name, b"".join(record(c) for c in made.chunks)))
        in_words(store.put_shard(made.shard()))
    is_taken(store, hub, model, made, alice)


def memory_peak(server):
    """The most memory the process ever had, in bytes."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) << 10


def test_an_lz4_bomb(store, server, repo):
    """A hundred chunks, each of which says 128 KiB and unfolds to 128 MiB."""
    zeros = bytes(xet.LARGEST_CHUNK)
    honest = xet.chunk_record(xet.lz4_frame_of_zeros(len(zeros)), raw_length=len(zeros), scheme=1)
    store.put_xorb(xet.xorb_hash([zeros, zeros]), honest * 2).expect(200)
    bomb = xet.chunk_record(xet.lz4_frame_of_zeros(128 << 20), raw_length=len(zeros), scheme=1)
    before, began = memory_peak(server), time.monotonic()
    with nothing_kept(server):
        for scheme in (1, 2):
            records = bytearray(bomb * 100)
            for at in range(0, len(records), len(bomb)):
                records[at + 4] = scheme
            in_words(store.put_xorb(xet.xorb_hash([zeros] * 100), bytes(records)))
    assert time.monotonic() - began < 20
    assert memory_peak(server) - before < 200 << 20
