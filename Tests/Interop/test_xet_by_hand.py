"""The CAS asked by hand with true bytes: made here, from published vectors, and as the real client sends
them. The client has no part in most of this, so one environment is enough."""

import concurrent.futures
import hashlib
import json
import pathlib

import pytest

from clients import xet
from clients.by_hand import Made, commit, in_words, is_taken, nothing_kept
from clients.versions import newest
from clients.xet import Store
from kit.content import bytes_of, write_folder

pytestmark = newest


def test_true_bytes_are_taken_and_taken_again(store, hub, model, made, alice):
    is_taken(store, hub, model, made, alice)
    is_taken(store, hub, model, made, alice)


def test_the_streamed_answer_to_a_shard(store, made):
    store.put_xorb(made.name, made.xorb).expect(200)
    answer = store.put_shard(made.shard(with_xorb=True), version=2)
    if answer.status in (404, 501):
        store.put_shard(made.shard(with_xorb=True)).expect(200)
        return
    events = [json.loads(line) for line in answer.expect(200).body.splitlines()]
    assert events[-1]["type"] == "result" and events[-1]["result"] in (0, 1)
    assert {e["type"] for e in events[:-1]} <= {"validating", "committing"}


def test_older_clients_name_no_version_for_shards(store, hub, model, made, alice):
    """As hf_xet does up to 1.5."""
    store.put_xorb(made.name, made.xorb).expect(200)
    assert store.api.post(f"{store.prefix}/shards", body=made.shard(with_xorb=True)).expect(200).json["result"] in (0, 1)
    commit(hub, model, made).expect(200)


def test_published_vectors(store, hub, model, alice):
    """Three files as the real client wrote them: stored as is, as LZ4, and grouped by bytes first."""
    vectors = [
        ("2c893fb7715984e2acfab1ad821406626572e5971065f2fd398482c8c35c0182", "0003000000030000000102", bytes([0, 1, 2])),
        ("5d126c838684b83bf392097f1758e30b80242a860373df5c18a9fb344e8a2d41",
         "001c00000180000004224d186040820d0000002f61620200656061626162616200000000", b"ab" * 64),
        ("f5ecdc8ec7f8cdf17fff404c020b0ccaccd9fe92dd93f5dde9f0ba4ee3391f62",
         "00e700000283010004224d18604082d8000000ffb72709a5b02928696671a1152752fe226a9bedcd5c13bbe5cd018449"
         "636b57564756fb1ecea2107a14fc7030f2543b3f94eefa88aca21d2d352e57f66066aeb3c3c996d3c7cec55ed475f689"
         "c61557ef317918eebd24ccad38297b4e05756ad66001ffada84411af20dff837d166c8f2d8fa0beae0e983bdb9726bbd"
         "eb510bce0e38e25e0be5d01acecb0d7bc761aab11a8c997f0fb02fde010f09121ba9f4f5119c2c5e3aab59b7b9e0e3b0"
         "56f94e0b2fa31ce6aa0063359fe66b1849399370a3ef02808080800400492f033f010046603f3f3f3f3f3f00000000", None)]
    for name, digits, content in vectors:
        store.put_xorb(name, bytes.fromhex(digits)).expect(200)
        if content is not None:
            made = Made("", [content])
            assert xet.text(made.name) == name
            store.put_shard(made.shard()).expect(200)
            commit(hub, model, made, f"{name[:6]}.bin").expect(200)
            assert pathlib.Path(alice.hf_hub_download(model, f"{name[:6]}.bin")).read_bytes() == content


def test_a_file_of_several_terms(store, hub, model, repo, alice):
    """Pieces of two xorbs, one of them twice, in another order."""
    first, second = Made(f"{repo} 1"), Made(f"{repo} 2")
    for one in (first, second):
        store.put_xorb(one.name, one.xorb).expect(200)
    chunks = second.chunks[1:3] + first.chunks[:2] + second.chunks[1:2]
    both = Made("", chunks)
    terms = [second.term(start=1, end=3, length=len(b"".join(second.chunks[1:3])), proof=xet.range_hash(second.chunks[1:3])),
             first.term(start=0, end=2, length=len(b"".join(first.chunks[:2])), proof=xet.range_hash(first.chunks[:2])),
             second.term(start=1, end=2, length=len(second.chunks[1]), proof=xet.range_hash(second.chunks[1:2]))]
    store.put_shard(both.shard(terms)).expect(200)
    commit(hub, model, both).expect(200)
    assert pathlib.Path(alice.hf_hub_download(model, "w.bin")).read_bytes() == both.data


def test_one_xorb_from_many_at_once(person, model, made):
    def send(_):
        store = Store.of(person("alice"), model)
        try:
            return store.put_xorb(made.name, made.xorb).status, store.put_shard(made.shard()).status
        finally:
            store.close()

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, range(6))) == {(200, 200)}


def test_a_footer_is_taken_and_ignored(store, made):
    store.put_xorb(made.name, made.xorb + b"XETBLOB\x01" + bytes(120)).expect(200)


@pytest.fixture
def recorded(person, tap, model):
    """What the real client sends for three kinds of files; the tap answers, the server hears nothing
    of it but the commit, which it refuses."""
    tap.keep("/v1/xorbs/")
    tap.answer("/v1/xorb-grants/", lambda exchange: (404, b'{"error": "not offered"}'))
    tap.answer("/v1/xorbs/", lambda exchange: (200, b'{"was_inserted": true}'))
    tap.answer("/v2/shards", lambda exchange: (404, b'{"error": "not offered"}'))
    tap.answer("/v1/shards", lambda exchange: (200, b'{"result": 1}'))
    somebody = person(through=tap)
    files = {"random.bin": bytes_of(500_000, model), "text.bin": f"{model} and so on. ".encode() * 9000,
             "floats.npy": b"".join((b"%c%c\x80\x3f" % (i % 251, i % 7)) for i in range(40_000))}
    done = somebody.try_hf("upload", model, write_folder(somebody.folder / "f", files))
    assert done.status != 0 and [e.status for e in tap.calls("/commit/")] == [400], "bytes that never came are not committed"
    xorbs = {e.path.rsplit("/", 1)[1]: e.body for e in tap.calls("/v1/xorbs/")}
    shards = [e.body for e in tap.calls("/v1/shards")]
    assert xorbs and shards
    return files, xorbs, shards


def test_what_the_client_sends_passes_by_hand(recorded, store, hub, model, alice):
    files, xorbs, shards = recorded
    schemes = {scheme for body in xorbs.values() for _, scheme, _, _ in xet.parse_xorb(body)}
    assert {0, 1} <= schemes, "both raw and compressed chunks are in it"
    described = [xet.parse_shard(body) for body in shards]
    assert {f.sha256 for listed, _ in described for f in listed} == {hashlib.sha256(data).hexdigest() for data in files.values()}
    for name, body in xorbs.items():
        store.put_xorb(name, body).expect(200)
    for body in shards:
        store.put_shard(body).expect(200)
    for path, data in files.items():
        made = Made("", [data])
        commit(hub, model, made, path).expect(200)
        assert pathlib.Path(alice.hf_hub_download(model, path)).read_bytes() == data


def test_what_the_client_sends_does_not_pass_in_part(recorded, store, server):
    files, xorbs, shards = recorded
    with nothing_kept(server):
        for name, body in xorbs.items():
            for wrong in (body[:-1], body[:len(body) // 2], body[:5], b"", body + b"\0" * 20, body[1:]):
                in_words(store.put_xorb(name, wrong))
            flipped = bytearray(body)
            flipped[len(body) // 2] ^= 1
            in_words(store.put_xorb(name, bytes(flipped)))
        for body in shards:
            assert xet.shard_failed(store.put_shard(body)), "its xorbs never came"
