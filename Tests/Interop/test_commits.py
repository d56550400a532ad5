"""Commits: several operations at once, at the same time, and on top of what one has seen."""

import base64
import concurrent.futures
import hashlib
import json

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete
from huggingface_hub.errors import BadRequestError, EntryNotFoundError, HfHubHTTPError

from clients.versions import newest
from kit.content import bytes_of


def downloaded(api, repo, path, **options):
    with open(api.hf_hub_download(repo, path, **options), "rb") as file:
        return file.read()


def files_of(api, repo, **options):
    return set(api.list_repo_files(repo, **options)) - {".gitattributes"}


def add(path, data):
    return CommitOperationAdd(path_in_repo=path, path_or_fileobj=data)


@pytest.fixture
def weights(model):
    return bytes_of(150_000, model)


@pytest.fixture
def stocked(alice, model, weights):
    """A model with a little of everything."""
    alice.create_commit(model, [
        add("README.md", b"# one\n"), add("config.json", b"{}"), add("w.safetensors", weights), add("logs/1.txt", b"1"),
        add("logs/2.txt", b"2"), add("logs/deep/3.bin", b"3" * 5000), add("old.txt", b"old")], commit_message="stock")
    return model


def test_adds_deletes_and_folders_in_one(alice, stocked, weights):
    done = alice.create_commit(
        stocked,
        [add("config.json", b'{"v": 2}'), add("new/a.bin", bytes_of(9_000, "a" + stocked)), CommitOperationDelete("old.txt"),
         CommitOperationDelete("logs/", is_folder=True)],
        commit_message="Much at once", commit_description="line one\nline two")
    assert files_of(alice, stocked) == {"README.md", "config.json", "w.safetensors", "new/a.bin"}
    newest_commit = alice.list_repo_commits(stocked)[0]
    assert (newest_commit.commit_id, newest_commit.title) == (done.oid, "Much at once")
    assert "line two" in newest_commit.message
    assert downloaded(alice, stocked, "w.safetensors") == weights


def test_later_operations_win(alice, hub, model):
    lines = [
        {"key": "header", "value": {"summary": "in order", "description": ""}},
        {"key": "file", "value": {"path": "a.txt", "content": base64.b64encode(b"first").decode(), "encoding": "base64"}},
        {"key": "file", "value": {"path": "b.txt", "content": base64.b64encode(b"stays").decode(), "encoding": "base64"}},
        {"key": "file", "value": {"path": "a.txt", "content": base64.b64encode(b"last").decode(), "encoding": "base64"}}]
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    hub.post(f"/api/models/{model}/commit/main", body=body, headers={"Content-Type": "application/x-ndjson"}).expect(200)
    assert downloaded(alice, model, "a.txt") == b"last"
    assert downloaded(alice, model, "b.txt") == b"stays"


def test_delete_file_and_folder(alice, stocked):
    alice.delete_file("old.txt", stocked)
    alice.delete_folder("logs", stocked)
    assert files_of(alice, stocked) == {"README.md", "config.json", "w.safetensors"}


def test_delete_by_patterns(alice, stocked):
    alice.delete_files(stocked, ["logs/*.txt", "*.md"])
    assert files_of(alice, stocked) == {"config.json", "w.safetensors", "logs/deep/3.bin", "old.txt"}


def test_delete_what_is_not_there(alice, stocked):
    before = alice.model_info(stocked).sha
    with pytest.raises(EntryNotFoundError) as refused:
        alice.delete_file("never-was.txt", stocked)
    assert "A file with this name doesn't exist" in str(refused.value)
    with pytest.raises(EntryNotFoundError):
        alice.create_commit(stocked, [add("x.txt", b"x"), CommitOperationDelete("never/", is_folder=True)], commit_message="half")
    assert alice.model_info(stocked).sha == before, "a refused commit leaves nothing"
    assert not alice.file_exists(stocked, "x.txt")


def test_copy_of_weights(alice, stocked, weights):
    alice.create_commit(stocked, [CommitOperationCopy("w.safetensors", "copy/w2.safetensors")], commit_message="copy")
    assert downloaded(alice, stocked, "copy/w2.safetensors") == weights
    first, second = alice.get_paths_info(stocked, ["w.safetensors", "copy/w2.safetensors"])
    assert first.lfs.sha256 == second.lfs.sha256 == hashlib.sha256(weights).hexdigest()


def test_copy_of_a_regular_file(alice, stocked):
    alice.create_commit(stocked, [CommitOperationCopy("config.json", "copy/config.json")], commit_message="copy")
    assert downloaded(alice, stocked, "copy/config.json") == b"{}"


def test_copy_from_an_older_revision(alice, stocked, weights):
    old = alice.model_info(stocked).sha
    alice.create_commit(stocked, [add("config.json", b"[]"), add("w.safetensors", bytes_of(7_000, stocked))], commit_message="newer")
    alice.create_commit(
        stocked,
        [CommitOperationCopy("config.json", "old.json", src_revision=old),
         CommitOperationCopy("w.safetensors", "old.safetensors", src_revision=old)],
        commit_message="bring back")
    assert downloaded(alice, stocked, "old.json") == b"{}"
    assert downloaded(alice, stocked, "old.safetensors") == weights


def test_rename_of_weights(alice, stocked, weights):
    alice.create_commit(
        stocked, [CommitOperationCopy("w.safetensors", "renamed.safetensors"), CommitOperationDelete("w.safetensors")], commit_message="rename")
    assert downloaded(alice, stocked, "renamed.safetensors") == weights
    assert not alice.file_exists(stocked, "w.safetensors")


def test_copy_of_what_is_not_there(alice, stocked):
    with pytest.raises(EntryNotFoundError):
        alice.create_commit(stocked, [CommitOperationCopy("never.txt", "x.txt")], commit_message="copy")


@newest
def test_copy_of_weights_from_another_repo(alice, stocked, weights):
    if alice.get_paths_info(stocked, ["w.safetensors"])[0].xet_hash is None:
        pytest.skip("the client copies between repos by Xet hash only, and this server announces none")
    alice.create_repo(f"{stocked}-target")
    alice.create_commit(
        f"{stocked}-target", [CommitOperationCopy("w.safetensors", "w.safetensors", src_repo_id=stocked, src_repo_type="model")],
        commit_message="from there")
    assert downloaded(alice, f"{stocked}-target", "w.safetensors") == weights


def test_on_top_of_what_one_has_seen(alice, stocked):
    head = alice.model_info(stocked).sha
    done = alice.create_commit(stocked, [add("a.txt", b"a")], commit_message="on top", parent_commit=head)
    assert [c.commit_id for c in alice.list_repo_commits(stocked)][:2] == [done.oid, head]


def test_not_on_top_of_what_has_moved_on(alice, stocked):
    old = alice.model_info(stocked).sha
    head = alice.upload_file(path_or_fileobj=b"a", path_in_repo="a.txt", repo_id=stocked).oid
    for data in (b"b", bytes_of(30_000, "late" + stocked)):
        with pytest.raises(HfHubHTTPError) as refused:
            alice.create_commit(stocked, [add("b.bin", data)], commit_message="late", parent_commit=old)
        assert refused.value.response.status_code == 412
    assert alice.model_info(stocked).sha == head
    assert not alice.file_exists(stocked, "b.bin")


def test_of_many_at_once_with_a_parent_one_wins(alice, stocked):
    head = alice.model_info(stocked).sha

    def attempt(number):
        try:
            return alice.create_commit(stocked, [add(f"{number}.txt", b"x")], commit_message=f"try {number}", parent_commit=head).oid
        except HfHubHTTPError as error:
            return error.response.status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    winners = [o for o in outcomes if isinstance(o, str)]
    assert len(winners) == 1, outcomes
    assert [o for o in outcomes if not isinstance(o, str)] == [412] * 7
    assert [c.commit_id for c in alice.list_repo_commits(stocked)][:2] == [winners[0], head]


def test_many_at_once_without_a_parent_all_land(alice, stocked):
    count = len(alice.list_repo_commits(stocked))

    def attempt(number):
        data = b"text" if number % 2 else bytes_of(20_000, f"{stocked} {number}")
        return alice.create_commit(stocked, [add(f"many/{number}.bin", data)], commit_message=f"many {number}").oid

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        oids = list(pool.map(attempt, range(12)))
    assert len(set(oids)) == 12
    assert len(alice.list_repo_commits(stocked)) == count + 12
    assert {f"many/{n}.bin" for n in range(12)} <= files_of(alice, stocked)


def test_the_same_commit_again_is_no_second_one(hub, alice, stocked):
    """Clients repeat a commit whose answer was lost."""
    line = {"key": "file", "value": {"path": "again.txt", "content": base64.b64encode(b"again").decode(), "encoding": "base64"}}
    body = b"".join(json.dumps(v).encode() + b"\n" for v in ({"key": "header", "value": {"summary": "again", "description": ""}}, line))
    answers = [
        hub.post(f"/api/models/{stocked}/commit/main", body=body, headers={"Content-Type": "application/x-ndjson"}).expect(200).json
        for _ in range(2)]
    assert answers[0]["commitOid"] == answers[1]["commitOid"] == alice.model_info(stocked).sha


def test_weights_that_never_came_are_refused(hub, alice, stocked):
    before = alice.model_info(stocked).sha
    oid = hashlib.sha256(b"these bytes were never sent").hexdigest()
    lines = [{"key": "header", "value": {"summary": "ghost", "description": ""}},
             {"key": "lfsFile", "value": {"path": "ghost.bin", "algo": "sha256", "oid": oid, "size": 27}}]
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    refused = hub.post(f"/api/models/{stocked}/commit/main", body=body, headers={"Content-Type": "application/x-ndjson"}).expect(400)
    assert oid[:12] in refused.json["error"] or "ghost.bin" in refused.json["error"]
    assert alice.model_info(stocked).sha == before


@pytest.mark.parametrize("path", ["../up.txt", "a/../../b.txt", ".git/config", "/abs.txt", "a//b.txt", "nul\0.txt", ""])
def test_paths_that_are_none(hub, model, path):
    line = {"key": "file", "value": {"path": path, "content": "eA==", "encoding": "base64"}}
    body = b"".join(json.dumps(v).encode() + b"\n" for v in ({"key": "header", "value": {"summary": "x", "description": ""}}, line))
    refused = hub.post(f"/api/models/{model}/commit/main", body=body, headers={"Content-Type": "application/x-ndjson"}).expect(400)
    assert len(refused.json["error"]) > 15


HEADER = b'{"key":"header","value":{"summary":"x"}}\n'


@pytest.mark.parametrize("body", [
    b"", b"{}\n", b"not json\n", HEADER + b'{"key":"what","value":{}}\n',
    b'{"key":"file","value":{"path":"a","content":"eA==","encoding":"base64"}}\n',
    HEADER + b'{"key":"file","value":{"path":"a","content":"?","encoding":"base64"}}\n'],
    ids=["empty", "no key", "no json", "unknown key", "no header", "no base64"])
def test_bodies_that_are_none(hub, model, body):
    refused = hub.post(f"/api/models/{model}/commit/main", body=body, headers={"Content-Type": "application/x-ndjson"}).expect(400)
    assert len(refused.json["error"]) > 15


def test_a_bad_path_is_the_clients_own_error(alice, model):
    with pytest.raises(BadRequestError):
        alice.create_commit(model, [add("a//b.txt", b"x")], commit_message="bad")


def test_neither_to_a_tag_nor_to_a_commit(alice, stocked):
    head = alice.model_info(stocked).sha
    alice.create_tag(stocked, tag="v1")
    for revision in ("v1", head):
        with pytest.raises(HfHubHTTPError) as refused:
            alice.create_commit(stocked, [add("a.txt", b"a")], commit_message="x", revision=revision)
        assert 400 <= refused.value.response.status_code < 500
    assert alice.model_info(stocked, revision="v1").sha == head


def test_squash(alice, stocked, weights):
    for number in range(3):
        alice.upload_file(path_or_fileobj=f"{number}".encode(), path_in_repo="n.txt", repo_id=stocked)
    before = files_of(alice, stocked)
    alice.super_squash_history(stocked, commit_message="All in one")
    commits = alice.list_repo_commits(stocked)
    assert [c.title for c in commits] == ["All in one"]
    assert files_of(alice, stocked) == before
    assert downloaded(alice, stocked, "n.txt") == b"2"
    assert downloaded(alice, stocked, "w.safetensors") == weights


def test_ids_are_those_of_git(alice, stocked, weights):
    regular, lfs = alice.get_paths_info(stocked, ["config.json", "w.safetensors"])
    assert regular.blob_id == hashlib.sha1(b"blob 2\0{}").hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(weights).hexdigest()}\nsize {len(weights)}\n".encode()
    assert lfs.blob_id == hashlib.sha1(f"blob {len(pointer)}\0".encode() + pointer).hexdigest()
    assert lfs.lfs.pointer_size == len(pointer)
