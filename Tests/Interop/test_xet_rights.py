"""Whose bytes, whose token: what strangers get, and what a token is good for."""

import pytest

from clients import xet
from clients.by_hand import commit, in_words, is_taken, nothing_kept
from clients.versions import newest
from clients.xet import Store
from kit.api import API

pytestmark = newest


def test_a_recipe_over_a_strangers_private_xorb(person, as_user, token, url, repo, alice, made):
    """Knowing names, also all of them with their proofs, is not having the bytes."""
    alice.create_repo(repo, private=True)
    as_user("bob").create_repo("bob/xet-thief", exist_ok=True)
    alices, bobs = Store.of(person("alice"), repo), Store.of(person("bob"), "bob/xet-thief")
    alices.put_xorb(made.name, made.xorb).expect(200)
    alices.put_shard(made.shard()).expect(200)
    with API(url, token("alice")) as hub:
        commit(hub, repo, made).expect(200)
    with API(url, token("bob")) as hub:
        for proof in (bytes(32), None, xet.range_hash(made.chunks)):
            in_words(bobs.put_shard(made.shard([made.term(proof=proof)])))
        in_words(commit(hub, "bob/xet-thief", made, f"{repo.split('/')[1]}.bin"), 400)
        # Who has the bytes may send them.
        bobs.put_xorb(made.name, made.xorb).expect(200)
        bobs.put_shard(made.shard()).expect(200)
        commit(hub, "bob/xet-thief", made, f"{repo.split('/')[1]}.bin").expect(200)


def test_what_strangers_may_ask_about_a_private_file(person, as_user, url, repo, alice, made):
    alice.create_repo(repo, private=True)
    as_user("bob").create_repo("bob/xet-reader", exist_ok=True)
    alices, bobs = Store.of(person("alice"), repo), Store.of(person("bob"), "bob/xet-reader", scope="read")
    alices.put_xorb(made.name, made.xorb).expect(200)
    alices.put_shard(made.shard()).expect(200)
    with API(url, alice.token) as hub:
        commit(hub, repo, made).expect(200)
    for version in (1, 2):
        assert bobs.get(f"/v{version}/reconstructions/{xet.text(xet.file_hash(made.chunks))}").status in (401, 403, 404, 501)
    assert bobs.get(f"/v1/chunks/default/{xet.text(xet.chunk_hash(made.chunks[0]))}").status in (401, 403, 404)
    assert bobs.get(f"/v1/chunks/default-merkledb/{xet.text(xet.chunk_hash(made.chunks[0]))}").status in (401, 403, 404)


def test_a_reconstruction_gives_signed_addresses(store, person, hub, model, made, alice, url):
    is_taken(store, hub, model, made, alice)
    reader = Store.of(person("alice"), model, scope="read")
    answer = reader.get(f"/v1/reconstructions/{xet.text(xet.file_hash(made.chunks))}")
    if answer.status in (404, 501):
        assert alice.get_paths_info(model, ["w.bin"])[0].xet_hash is None, "what is announced must be served"
        pytest.skip("this server offers no downloads by Xet")
    recipe = answer.expect(200).json
    assert sum(t["unpacked_length"] for t in recipe["terms"]) - recipe["offset_into_first_range"] >= len(made.data)
    [fetch] = recipe["fetch_info"][recipe["terms"][0]["hash"]]
    address = fetch["url"].removeprefix(url)
    span = {"Range": f"bytes={fetch['url_range']['start']}-{fetch['url_range']['end']}"}
    with API(url) as nobody:
        body = nobody.get(address, headers=span).expect(200, 206).body
        assert b"".join(stored for _, scheme, _, stored in xet.parse_xorb(body) if scheme == 0) == made.data
        signed = len(address) - len(address.rsplit("/", 1)[1])
        for at in range(signed, len(address), max(1, (len(address) - signed) // 30)):
            changed = address[:at] + ("1" if address[at] != "1" else "2") + address[at + 1:]
            assert nobody.get(changed, headers=span).status in (400, 401, 403, 404), at


def test_tokens_that_are_none(store, token, made, server):
    good = store.api.token
    swapped = good[:-2] + ("AA" if good[-2:] != "AA" else "BB")
    with nothing_kept(server):
        for wrong in (None, "nonsense", token("alice"), "hf_" + "0" * 40, swapped, good[1:], good + "A", good[: len(good) // 2]):
            for path, body in ((f"/v1/xorbs/default/{xet.text(made.name)}", made.xorb), ("/v1/shards", made.shard())):
                with API(store.api.url, wrong) as other:
                    assert other.post(store.prefix + path, body=body).status in (401, 403), (wrong, path)
    store.put_xorb(made.name, made.xorb).expect(200)


def test_a_token_with_every_letter_changed_in_turn(store, made):
    """No part of it is there for decoration: what it allows and until when is signed."""
    good = store.api.token
    step = max(1, len(good) // 40)
    for at in range(0, len(good), step):
        changed = good[:at] + ("x" if good[at] != "x" else "y") + good[at + 1:]
        with API(store.api.url, changed) as other:
            status = other.get(f"{store.prefix}/v1/chunks/default/{xet.text(made.name)}").status
            assert status in (401, 403), (at, status)


def test_a_token_for_reading_does_not_write(person, model, made, server):
    reader = Store.of(person("alice"), model, scope="read")
    with nothing_kept(server):
        assert reader.put_xorb(made.name, made.xorb).status in (401, 403)
        assert reader.put_shard(made.shard()).status in (401, 403)


def test_another_servers_token(new_server, store, made, server):
    new_server.start()
    from clients.person import Person

    with new_server.api() as hub:
        hub.post("/api/repos/create", as_json={"name": "x", "organization": None}).expect(200)
    foreign = Store.of(Person(new_server.folder / "p", new_server.url, new_server.token), "admin/x")
    with nothing_kept(server), API(store.api.url, foreign.api.token) as other:
        assert other.post(f"{store.prefix}/v1/xorbs/default/{xet.text(made.name)}", body=made.xorb).status in (401, 403)


def test_the_token_of_a_user_who_lost_the_right(person, token, alice, url, repo, server, as_user, made):
    """A token for writing outlives the right by its own life at most; the commit asks anew."""
    alice.create_repo(repo)
    carols_token = token("carol")
    with API(url, token("alice")) as hub:
        hub.put(f"/hub/v1/models/{repo}/members/carol", as_json={"role": "writer"}).expect(200, 201)
        carols = Store.of(person("carol"), repo)
        hub.delete(f"/hub/v1/models/{repo}/members/carol").expect(204)
    carols.put_xorb(made.name, made.xorb)
    carols.put_shard(made.shard())
    with API(url, carols_token) as hub:
        in_words(commit(hub, repo, made), 403)


def test_what_the_cas_does_not_know(store, made):
    unknown = xet.text(xet.chunk_hash(made.data))
    for path in (f"/v1/chunks/default/{unknown}", f"/v1/chunks/default-merkledb/{unknown}", f"/v1/reconstructions/{unknown}"):
        assert store.get(path).status in (404, 501), path
    # The client takes only some answers to this as "send it the old way"; 405 would end its upload.
    grant = store.api.post(f"{store.prefix}/v1/xorb-grants/default/{xet.text(made.name)}",
                           as_json={"length": len(made.xorb), "checksum": {"algo": "crc64nvme", "value": "1"}})
    assert grant.status in (201, 404)
