"""Shards that are not what they say: each refused, nothing kept, and the true one taken afterwards."""

import hashlib

import pytest

from clients import xet
from clients.by_hand import Made, commit, in_words, is_taken, nothing_kept
from clients.versions import newest
from kit.content import bytes_of

pytestmark = newest


def test_a_missing_xorb(store, hub, model, made, alice, server):
    with nothing_kept(server):
        for with_xorb in (False, True):
            in_words(store.put_shard(made.shard(with_xorb=with_xorb)))
            assert xet.shard_failed(store.put_shard(made.shard(with_xorb=with_xorb), version=2))
        in_words(commit(hub, model, made), 400)
    is_taken(store, hub, model, made, alice)


@pytest.mark.parametrize("changes", [
    {"end": 4}, {"start": 3, "end": 4}, {"start": 0, "end": 0}, {"start": 2, "end": 1}, {"end": 0xFFFF_FFFF}, {"start": 1},
    {"length": 1}, {"length": 0xFFFF_FFFF}, {"length": 0}],
    ids=["past the end", "after the end", "empty", "backwards", "endless", "another range", "too short", "too long", "no bytes"])
def test_a_recipe_that_does_not_add_up(store, hub, model, made, alice, server, changes):
    store.put_xorb(made.name, made.xorb).expect(200)
    with nothing_kept(server):
        in_words(store.put_shard(made.shard([made.term(**changes)])))
        in_words(commit(hub, model, made), 400)
    is_taken(store, hub, model, made, alice)


def test_a_recipe_without_the_proof(store, hub, model, made, alice, server):
    store.put_xorb(made.name, made.xorb).expect(200)
    with nothing_kept(server):
        for proof in (bytes(32), xet.range_hash(made.chunks[:2]), xet.range_hash(made.chunks[::-1]), None):
            in_words(store.put_shard(made.shard([made.term(proof=proof)])))
    is_taken(store, hub, model, made, alice)


def test_a_wrong_sha256(store, hub, model, made, alice, server):
    other = hashlib.sha256(b"what somebody would like to replace").hexdigest()
    store.put_xorb(made.name, made.xorb).expect(200)
    with nothing_kept(server):
        for sha256 in (other, hashlib.sha256(made.data[::-1]).hexdigest()):
            in_words(store.put_shard(made.shard(sha256=sha256)))
            assert xet.shard_failed(store.put_shard(made.shard(sha256=sha256), version=2))
        wrong = Made("", made.chunks)
        wrong.sha256 = other
        in_words(commit(hub, model, wrong), 400)
    is_taken(store, hub, model, made, alice)


def test_a_wrong_file_hash(store, hub, model, made, alice, server):
    store.put_xorb(made.name, made.xorb).expect(200)
    with nothing_kept(server):
        in_words(store.put_shard(made.shard(hash=xet.file_hash(made.chunks[::-1]))))
    is_taken(store, hub, model, made, alice)


def test_shards_that_are_none(store, made, server):
    store.put_xorb(made.name, made.xorb).expect(200)
    good = made.shard(with_xorb=True)
    huge = xet.shard([made.file()], count=0xFFFF_FFFF)
    with nothing_kept(server):
        for wrong in (b"", good[:20], good[:100], good[:-48], good[:-1], good[48:], b"\0" + good[1:], good[:32] + b"\3" + good[33:], huge,
                      bytes_of(5000, "noise")):
            in_words(store.put_shard(wrong))
    store.put_shard(good).expect(200)


def test_a_good_file_beside_a_bad_one(store, hub, model, repo, server):
    good, bad = Made(f"{repo} good"), Made(f"{repo} bad")
    store.put_xorb(good.name, good.xorb).expect(200)
    in_words(store.put_shard(xet.shard([good.file(), bad.file()])))
    in_words(commit(hub, model, bad), 400)
