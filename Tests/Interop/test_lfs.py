"""Git LFS: the way of old clients, of open files, of clients without Xet, and of git-lfs itself."""

import hashlib
import io
import json
import urllib.parse

import pytest
from huggingface_hub import CommitOperationAdd

from kit.api import API
from kit.content import bytes_of, write_folder

LFS = "application/vnd.git-lfs+json"


def batch(api, repo, operation, objects, **more):
    return api.request("POST", f"/{repo}.git/info/lfs/objects/batch", headers={"Accept": LFS, "Content-Type": LFS},
                       body=json.dumps({"operation": operation, "transfers": ["basic"], "objects": objects, **more}).encode())


def named(data):
    return {"oid": hashlib.sha256(data).hexdigest(), "size": len(data)}


def content(api, repo, path):
    with open(api.hf_hub_download(repo, path), "rb") as file:
        return file.read()


def path_of(address):
    parts = urllib.parse.urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def test_an_open_file_goes_by_lfs(tap, token, model, alice):
    from huggingface_hub import HfApi

    data = bytes_of(400_000, model)
    through = HfApi(endpoint=tap.url, token=token("alice"))
    through.create_commit(model, [CommitOperationAdd("w.bin", io.BytesIO(data))], commit_message="open file")
    assert [e.status for e in tap.calls("/info/lfs/objects/batch")] == [200]
    [put] = tap.calls(method="PUT")
    assert put.sent == len(data) and "Authorization" not in put.headers, "the address alone allows it"
    assert tap.calls("/v1/xorbs/") == []
    assert content(alice, model, "w.bin") == data


def test_without_xet_all_goes_by_lfs(person, tap, alice, model):
    files = {"w.safetensors": bytes_of(600_000, model), "big.txt": b"words " * 2_000_000, "small.txt": b"s"}
    somebody = person(through=tap)
    somebody.hf("upload", model, write_folder(somebody.folder / "f", files), HF_HUB_DISABLE_XET="1")
    assert tap.calls("/v1/xorbs/") == [] and len(tap.calls(method="PUT")) == 2
    for path, data in files.items():
        assert content(alice, model, path) == data


def test_what_is_there_is_not_sent_again(person, tap, model):
    somebody = person(through=tap)
    folder = write_folder(somebody.folder / "f", {"w.safetensors": bytes_of(600_000, model)})
    somebody.hf("upload", model, folder, HF_HUB_DISABLE_XET="1")
    tap.forget()
    (folder / "w.safetensors").rename(folder / "renamed.safetensors")
    somebody.hf("upload", model, folder, HF_HUB_DISABLE_XET="1")
    assert tap.calls(method="PUT") == []


def test_the_batch_api(hub, model):
    data = bytes_of(50_000, model)
    answer = batch(hub, model, "upload", [named(data)]).expect(200)
    assert answer.headers["content-type"].startswith(LFS)
    [item] = answer.json["objects"]
    assert (item["oid"], item["size"]) == (named(data)["oid"], len(data))
    with API(hub.url) as nobody:
        nobody.put(path_of(item["actions"]["upload"]["href"]), body=data).expect(200, 201, 204)
    if verify := item["actions"].get("verify"):
        hub.request("POST", path_of(verify["href"]), headers={"Content-Type": LFS, **verify.get("header", {})},
                    body=json.dumps(named(data)).encode()).expect(200)
    [again] = batch(hub, model, "upload", [named(data)]).expect(200).json["objects"]
    assert not again.get("actions") and "error" not in again, "what is there needs no action"


def test_bytes_that_are_not_what_was_announced_are_refused(hub, model):
    data = bytes_of(50_000, model)
    href = path_of(batch(hub, model, "upload", [named(data)]).expect(200).json["objects"][0]["actions"]["upload"]["href"])
    with API(hub.url) as nobody:
        for wrong in (data[:-1], data + b"x", b"\0" + data[1:], b""):
            assert 400 <= nobody.put(href, body=wrong).status < 500
            assert batch(hub, model, "upload", [named(data)]).json["objects"][0].get("actions"), "nothing was kept"
        nobody.put(href, body=data).expect(200, 201, 204)


def test_an_upload_address_is_for_its_object_only(hub, model):
    first, second = bytes_of(50_000, "1" + model), bytes_of(50_000, "2" + model)
    href = path_of(batch(hub, model, "upload", [named(first)]).expect(200).json["objects"][0]["actions"]["upload"]["href"])
    with API(hub.url) as nobody:
        for changed in (href.replace(named(first)["oid"], named(second)["oid"]), href[:-3] + ("abc" if href[-3:] != "abc" else "cba")):
            if changed != href:
                assert nobody.put(changed, body=second).status in (400, 401, 403, 404, 409, 422)
    assert batch(hub, model, "upload", [named(second)]).json["objects"][0].get("actions")


def test_downloads_by_batch(hub, alice, model):
    data = bytes_of(50_000, model)
    alice.upload_file(path_or_fileobj=data, path_in_repo="w.bin", repo_id=model)
    ghost = {"oid": "0" * 64, "size": 5}
    here, gone = batch(hub, model, "download", [named(data), ghost]).expect(200).json["objects"]
    assert gone["error"]["code"] == 404 and gone["error"]["message"] and not gone.get("actions")
    action = here["actions"]["download"]
    assert hub.get(path_of(action["href"]), headers=action.get("header", {})).expect(200).body == data
    assert hub.get(path_of(action["href"]), headers={"Range": "bytes=10-19", **action.get("header", {})}).expect(206).body == data[10:20]


def test_objects_of_a_private_repo_are_nobody_elses(hub, url, token, alice, private_model, repo, as_user):
    data = bytes_of(50_000, repo)
    alice.upload_file(path_or_fileobj=data, path_in_repo="w.bin", repo_id=private_model)
    as_user("bob").create_repo("bob/lfs-thief", exist_ok=True)
    with API(url, token("bob")) as bob:
        assert batch(bob, private_model, "download", [named(data)]).status == 404
        [item] = batch(bob, "bob/lfs-thief", "download", [named(data)]).expect(200).json["objects"]
        assert item["error"]["code"] == 404
        [item] = batch(bob, "bob/lfs-thief", "upload", [named(data)]).expect(200).json["objects"]
        assert item.get("actions"), "to know a digest is not to have the bytes"
    with API(url) as nobody:
        refused = batch(nobody, private_model, "download", [named(data)]).expect(401)
        assert refused.headers["LFS-Authenticate"].startswith("Basic")


def test_requests_that_are_none(hub, model):
    for objects in ([{"oid": "zz", "size": 1}], [{"oid": "0" * 64, "size": -1}], "no list"):
        answer = batch(hub, model, "upload", objects)
        if answer.status == 200:
            assert answer.json["objects"][0]["error"]["code"] in (400, 422)
        else:
            assert answer.status in (400, 422) and answer.json["message"]
    assert batch(hub, model, "sideways", [named(b"x")]).status in (400, 422)
    assert batch(hub, model, "upload", [named(b"x")], hash_algo="md5").status in (400, 409, 422)


@pytest.fixture
def git_repo(person, token, url, model):
    """A person with a git repo whose remote is a folder and whose LFS server is ours."""
    somebody = person("alice")
    address = url.replace("http://", f"http://alice:{token('alice')}@") + f"/{model}.git/info/lfs"
    for key, value in {"user.name": "Alice", "user.email": "alice@example.org", "init.defaultBranch": "main", "lfs.url": address,
                       "lfs.locksverify": "false", "protocol.file.allow": "always"}.items():
        somebody.git("config", "--global", key, value)
    somebody.git("lfs", "install", "--skip-repo")
    somebody.git("init", "--quiet", "--bare", "remote.git")
    somebody.git("clone", "--quiet", "remote.git", "work")
    return somebody


def test_git_lfs_pushes_and_fetches(git_repo, alice, model):
    work = git_repo.folder / "work"
    files = {"a.bin": bytes_of(3_000_000, model), "sub/ö b.bin": bytes_of(70_000, "b" + model), "note.txt": b"by git"}
    write_folder(work, files)
    git_repo.git("lfs", "track", "*.bin", cwd=work)
    git_repo.git("add", ".", cwd=work)
    git_repo.git("commit", "--quiet", "-m", "weights", cwd=work)
    git_repo.git("push", "--quiet", "origin", "main", cwd=work)
    git_repo.git("clone", "--quiet", "remote.git", "elsewhere", GIT_LFS_SKIP_SMUDGE="1")
    elsewhere = git_repo.folder / "elsewhere"
    assert (elsewhere / "a.bin").stat().st_size < 200, "a pointer so far"
    git_repo.git("lfs", "pull", cwd=elsewhere)
    for path, data in files.items():
        assert (elsewhere / path).read_bytes() == data
    git_repo.git("lfs", "fsck", cwd=elsewhere)


def test_what_git_lfs_pushed_can_be_committed(git_repo, hub, alice, model):
    data = bytes_of(90_000, model)
    work = git_repo.folder / "work"
    write_folder(work, {"a.bin": data})
    git_repo.git("lfs", "track", "*.bin", cwd=work)
    git_repo.git("add", ".", cwd=work)
    git_repo.git("commit", "--quiet", "-m", "weights", cwd=work)
    git_repo.git("lfs", "push", "--all", "origin", cwd=work)
    body = ('{"key":"header","value":{"summary":"by git-lfs","description":""}}\n'
            f'{{"key":"lfsFile","value":{{"path":"a.bin","algo":"sha256","oid":"{named(data)["oid"]}","size":{len(data)}}}}}\n')
    hub.post(f"/api/models/{model}/commit/main", body=body.encode(), headers={"Content-Type": "application/x-ndjson"}).expect(200)
    assert content(alice, model, "a.bin") == data


def test_git_lfs_fetches_what_other_clients_sent(git_repo, alice, model):
    data = bytes_of(120_000, model)
    alice.upload_file(path_or_fileobj=data, path_in_repo="w.bin", repo_id=model)
    work = git_repo.folder / "work"
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{named(data)['oid']}\nsize {len(data)}\n"
    write_folder(work, {".gitattributes": b"*.bin filter=lfs diff=lfs merge=lfs -text\n", "w.bin": pointer.encode()})
    git_repo.git("add", ".", cwd=work, GIT_LFS_SKIP_SMUDGE="1")
    git_repo.git("commit", "--quiet", "-m", "pointer only", cwd=work)
    git_repo.git("lfs", "fetch", "origin", "main", cwd=work)
    git_repo.git("lfs", "checkout", cwd=work)
    assert (work / "w.bin").read_bytes() == data


def test_git_lfs_without_the_right_is_refused(git_repo, person, token, url, model):
    work = git_repo.folder / "work"
    git_repo.git("config", "--global", "lfs.url", url.replace("http://", f"http://bob:{token('bob')}@") + f"/{model}.git/info/lfs")
    write_folder(work, {"a.bin": bytes_of(5_000, model)})
    git_repo.git("lfs", "track", "*.bin", cwd=work)
    git_repo.git("add", ".", cwd=work)
    git_repo.git("commit", "--quiet", "-m", "weights", cwd=work)
    assert git_repo.run(["git", "lfs", "push", "--all", "origin"], cwd=work).status != 0


def test_locks_are_not_offered(hub, model):
    answer = hub.request("POST", f"/{model}.git/info/lfs/locks/verify", headers={"Accept": LFS, "Content-Type": LFS}, body=b"{}")
    assert answer.status in (404, 501) and answer.json["message"]
