"""Xet as the clients speak it: what goes over the wire, and what does not have to."""

import array
import hashlib
import json
import pathlib
import random
import sys
import time

import pytest
from huggingface_hub import HfApi

from clients.versions import newest, oldest
from kit.api import API
from kit.content import bytes_of, read_folder, sha256_of, write_folder
from kit.wire import Relay

LFS = "application/vnd.git-lfs+json"


def content(api, repo, path, **options):
    return pathlib.Path(api.hf_hub_download(repo, path, **options)).read_bytes()


def floats(count, seed):
    """float32 values as a trained layer has them."""
    chance = random.Random(seed)
    return array.array("f", [chance.gauss(0, 0.02) for _ in range(count)]).tobytes()


KINDS = {
    "one byte": lambda seed: b"x",
    "random": lambda seed: bytes_of(1_500_000, seed),
    "text": lambda seed: "".join(f"{seed} line {i}\n" for i in range(60_000)).encode(),
    "floats": lambda seed: floats(300_000, seed) + b"123",
    "zeros": lambda seed: bytes(3_000_000),
    "repeated": lambda seed: bytes_of(200_000, seed) * 8,
    "mixed": lambda seed: bytes_of(100_000, seed) + bytes(200_000) + floats(40_000, seed) + seed.encode() * 9000,
}


@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_of_bytes(alice, model, kind, person):
    data = KINDS[kind](model)
    alice.upload_file(path_or_fileobj=data, path_in_repo="w.bin", repo_id=model)
    assert alice.get_paths_info(model, ["w.bin"])[0].lfs.sha256 == hashlib.sha256(data).hexdigest()
    somebody = person()
    for folder, xet in (("with", ""), ("without", "1")):
        somebody.hf("download", model, "w.bin", "--local-dir", folder, HF_HUB_DISABLE_XET=xet, HF_HOME=somebody.home / folder)
        assert (somebody.folder / folder / "w.bin").read_bytes() == data, folder


@newest
def test_weights_go_by_xet(person, tap, model):
    somebody = person(through=tap)
    somebody.hf("upload", model, write_folder(somebody.folder / "f", {"w.bin": bytes_of(900_000, model), "config.json": b"{}"}))
    assert {e.status for e in tap.calls("/v1/xorbs/")} == {200}
    assert 900_000 <= tap.sent("/v1/xorbs/") < 910_000
    assert tap.calls("/shards") and tap.calls("/shards")[-1].status == 200
    assert tap.calls("/info/lfs/") == [] and tap.calls(method="PUT") == []
    assert all(e.status < 500 for e in tap.calls())


@oldest
def test_older_clients_go_where_the_server_sends_them(person, tap, alice, model):
    data = bytes_of(900_000, model)
    somebody = person(through=tap)
    somebody.hf("upload", model, write_folder(somebody.folder / "f", {"w.bin": data}))
    assert tap.calls("/info/lfs/objects/batch")[0].status == 200
    assert tap.sent("/v1/xorbs/") + tap.sent(method="PUT") < 910_000, "one way, not both"
    assert content(alice, model, "w.bin") == data


@newest
def test_an_unchanged_folder_sends_nothing(person, tap, alice, model):
    somebody = person(through=tap)
    folder = write_folder(somebody.folder / "f", {"w.bin": bytes_of(2_000_000, model), "a.txt": b"a"})
    somebody.hf("upload", model, folder)
    head = alice.model_info(model).sha
    tap.forget()
    somebody.hf("upload", model, folder)
    assert tap.calls("/v1/xorbs/") == [] and tap.calls("/commit/") == []
    assert tap.sent() < 20_000
    assert alice.model_info(model).sha == head


@newest
@pytest.mark.parametrize("edit", ["insert", "append", "overwrite", "cut out"])
def test_an_edited_file_sends_little(person, tap, alice, model, edit):
    somebody = person(through=tap)
    data = bytes_of(16 << 20, model)
    changed = {"insert": data[:7_000_000] + b"a hundred bytes or so" * 5 + data[7_000_000:], "append": data + bytes_of(10_000, "more"),
               "overwrite": data[:9_000_000] + b"!" * 50 + data[9_000_050:], "cut out": data[:3_000_000] + data[3_000_100:]}[edit]
    for version in (data, changed):
        tap.forget()
        somebody.hf("upload", model, write_folder(somebody.folder / "f", {"w.bin": version}))
    assert tap.sent("/v1/xorbs/") < 600_000, tap.calls("/v1/xorbs/")
    assert content(alice, model, "w.bin") == changed


@newest
def test_known_bytes_in_another_repo_cost_a_reference(person, tap, alice, model):
    somebody = person(through=tap)
    folder = write_folder(somebody.folder / "f", {"w.bin": bytes_of(3_000_000, model)})
    somebody.hf("upload", model, folder)
    tap.forget()
    somebody.hf("upload", f"{model}-second", folder)
    assert tap.sent("/v1/xorbs/") == 0 and 0 < tap.sent("/shards") < 20_000
    assert content(alice, f"{model}-second", "w.bin") == bytes_of(3_000_000, model)


@newest
def test_files_that_share_bytes(person, alice, model):
    """Sent in parallel, so the client may or may not notice; the recipes then refer to each other's xorbs."""
    common = bytes_of(4_000_000, model)
    files = {"a.bin": common, "b.bin": common + b"tail", "c.bin": b"head" + common, "d.bin": common, "e.bin": common[:1_000_000]}
    somebody = person()
    somebody.hf("upload", model, write_folder(somebody.folder / "f", files))
    for path, data in files.items():
        assert content(alice, model, path) == data


@newest
def test_what_one_computer_knows_another_sends_again(person, tap, alice, as_user, model):
    """Both ways end in the same bytes; what the second has to send is the server's business."""
    data = bytes_of(2_000_000, model)
    for who, repo in ((person("alice"), model), (person("bob", through=tap), f"bob/{model.split('/')[1]}")):
        who.hf("upload", repo, write_folder(who.folder / "f", {"w.bin": data}), "--private")
    assert content(alice, model, "w.bin") == content(as_user("bob"), f"bob/{model.split('/')[1]}", "w.bin") == data


@newest
def test_two_users_with_private_repos_at_one_computer(person, alice, as_user, token, repo):
    """The client remembers what alice sent and offers it again for bob, in either order of trust."""
    data = bytes_of(2_000_000, repo)
    shared = person("alice")
    folder = write_folder(shared.folder / "f", {"w.bin": data})
    shared.hf("upload", repo, folder, "--private")
    second = shared.try_hf("upload", repo.replace("alice", "bob"), folder, "--private", HF_TOKEN=token("bob"))
    if second.status == 0:
        assert content(as_user("bob"), repo.replace("alice", "bob"), "w.bin") == data
    else:
        # Refused in words; a home of one's own, and with it an empty memory, helps.
        assert "Traceback" not in second.out and "w.bin" not in as_user("bob").list_repo_files(repo.replace("alice", "bob"))
        shared.hf("upload", repo.replace("alice", "bob"), folder, HF_TOKEN=token("bob"), HF_HOME=shared.folder / "bobs")
        assert content(as_user("bob"), repo.replace("alice", "bob"), "w.bin") == data
    assert content(alice, repo, "w.bin") == data


@newest
def test_what_the_client_remembers_outlives_the_repo(person, alice, hub, server, model):
    somebody = person()
    data = bytes_of(2_000_000, model)
    folder = write_folder(somebody.folder / "f", {"w.bin": data})
    somebody.hf("upload", model, folder)
    alice.delete_repo(model)
    somebody.hf("upload", f"{model}-second", folder)
    alice.delete_repo(f"{model}-second")
    with server.api() as admin:
        for _ in range(2):
            admin.post("/hub/v1/care/collect", as_json={"dryRun": False, "graceSeconds": 0}).expect(200)
    somebody.hf("upload", f"{model}-third", folder)
    assert content(alice, f"{model}-third", "w.bin") == data


@newest
def test_what_the_client_remembers_outlives_a_restart(person, new_server):
    new_server.start()
    somebody = person(None)
    somebody.url, somebody.token = new_server.url, new_server.token
    data = bytes_of(2_000_000, "restart")
    somebody.hf("upload", "admin/kept", write_folder(somebody.folder / "f", {"w.bin": data}))
    new_server.restart(listen=new_server.url.removeprefix("http://"))
    with Relay(new_server.url) as relay:
        somebody.hf("upload", "admin/kept", write_folder(somebody.folder / "f", {"w.bin": data[:1_000_000] + b"new" + data[1_000_000:]}))
        assert relay.sent == 0
    api = HfApi(endpoint=new_server.url, token=new_server.token)
    assert content(api, "admin/kept", "w.bin") == data[:1_000_000] + b"new" + data[1_000_000:]
    assert new_server.stop() == 0


@newest
def test_a_lost_answer_to_a_xorb(person, tap, alice, model):
    data = bytes_of(1_000_000, model)
    tap.cut_answer("/v1/xorbs/", after=0, method="POST")
    somebody = person(through=tap)
    somebody.hf("upload", model, write_folder(somebody.folder / "f", {"w.bin": data}))
    assert tap.cuts == [] and len(tap.calls("/v1/xorbs/")) >= 2, "it was sent again"
    assert content(alice, model, "w.bin") == data


@newest
def test_a_lost_answer_to_a_shard(person, tap, alice, model):
    data = bytes_of(1_000_000, model)
    tap.cut_answer("/shards", after=0, method="POST")
    somebody = person(through=tap)
    somebody.hf("upload", model, write_folder(somebody.folder / "f", {"w.bin": data}))
    assert tap.cuts == []
    assert content(alice, model, "w.bin") == data


def test_an_upload_that_was_stopped_is_finished_by_the_next(person, url, alice, model):
    data = bytes_of(40 << 20, model)
    somebody = person()
    folder = write_folder(somebody.folder / "f", {"w.bin": data})
    with Relay(url, rate=8_000_000) as slow:
        somebody.url = slow.url
        hf = pathlib.Path(sys.executable).with_name("hf")
        process = somebody.spawn([hf, "upload", model, folder])
        try:
            deadline = time.monotonic() + 60
            while slow.sent < 6_000_000 and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            assert process.poll() is None, process.communicate()
        finally:
            process.kill()
            process.communicate()
    assert not alice.file_exists(model, "w.bin")
    somebody.url = url
    somebody.hf("upload", model, folder)
    assert sha256_of(alice.hf_hub_download(model, "w.bin")) == hashlib.sha256(data).hexdigest()


def test_the_same_file_by_lfs_and_then_by_xet(person, alice, model):
    data = bytes_of(2_000_000, model)
    for repo, xet in ((model, "1"), (f"{model}-second", "")):
        somebody = person()
        somebody.hf("upload", repo, write_folder(somebody.folder / "f", {"w.bin": data}), HF_HUB_DISABLE_XET=xet)
    infos = [alice.get_paths_info(repo, ["w.bin"])[0] for repo in (model, f"{model}-second")]
    assert infos[0].blob_id == infos[1].blob_id and infos[0].lfs.sha256 == infos[1].lfs.sha256 == hashlib.sha256(data).hexdigest()
    for repo in (model, f"{model}-second"):
        assert content(alice, repo, "w.bin", force_download=True) == data


@newest
def test_what_came_by_xet_is_there_for_lfs(hub, alice, model):
    data = bytes_of(700_000, model)
    alice.upload_file(path_or_fileobj=data, path_in_repo="w.bin", repo_id=model)
    wish = {"transfers": ["basic"], "objects": [{"oid": hashlib.sha256(data).hexdigest(), "size": len(data)}]}
    for operation in ("upload", "download"):
        answer = hub.request("POST", f"/{model}.git/info/lfs/objects/batch", headers={"Accept": LFS, "Content-Type": LFS},
                             body=json.dumps(wish | {"operation": operation}).encode()).expect(200)
        [item] = answer.json["objects"]
        assert "error" not in item and bool(item.get("actions")) == (operation == "download")


@newest
def test_downloads_by_xet(person, tap, alice, model):
    files = {f"{i}.bin": bytes_of(1_300_000 + i, f"{model}{i}") for i in range(3)} | {"t.bin": KINDS["text"](model), "f.bin": KINDS["floats"](model)}
    alice.upload_folder(repo_id=model, folder_path=write_folder(person().folder / "f", files))
    if alice.get_paths_info(model, ["0.bin"])[0].xet_hash is None:
        pytest.skip("this server offers no downloads by Xet; by plain HTTP they are tested elsewhere")
    somebody = person(through=tap)
    somebody.hf("download", model, "--local-dir", "got")
    assert tap.calls("/reconstructions/"), "by Xet"
    assert [e for e in tap.calls("/resolve/", "GET") if e.path.endswith(".bin")] == []
    got = read_folder(somebody.folder / "got")
    assert {path: got[path] for path in files} == files


def test_tokens_for_reading_are_for_those_who_may_read(url, token, model, private_model_name):
    for secret, repo, status in ((None, model, 200), (token("bob"), model, 200), (token("alice"), private_model_name, 200),
                                 (token("bob"), private_model_name, 404), (None, private_model_name, 401)):
        with API(url, secret) as who:
            answer = who.get(f"/api/models/{repo}/xet-read-token/main")
            assert answer.status == status or {answer.status, status} == {401, 404}, (repo, answer.status)
            if answer.status == 200:
                assert answer.json["exp"] > time.time() + 300
                assert answer.json["casUrl"].startswith(url) and not answer.json["casUrl"].endswith("/")


@pytest.fixture
def private_model_name(alice, model):
    alice.create_repo(f"{model}-private", private=True)
    return f"{model}-private"


def test_tokens_for_writing_are_for_those_who_may_write(url, token, model):
    for secret, statuses in ((token("alice"), {200}), (token("alice", "reader"), {403}), (token("bob"), {403}), (None, {401})):
        with API(url, secret) as who:
            assert who.get(f"/api/models/{model}/xet-write-token/main").status in statuses
    with API(url, token("alice")) as alice:
        missing = alice.get("/api/models/alice/never-was/xet-write-token/main").expect(404)
        assert missing.headers["X-Error-Code"] == "RepoNotFound"


def test_telemetry_is_taken_and_forgotten(url):
    with API(url) as nobody:
        assert nobody.post("/v1/telemetry", body=b'{"anything": 1}').status < 300
