"""Publishing by the HTTP API alone: all or nothing, once, and only what was meant."""

import concurrent.futures

import pytest

from kit.api import API, digest, quoted
from kit.content import bytes_of

FILES = {"a.txt": b"first\n", "folder/b.txt": b"second\n"}


def entry(path, data=b"first\n", **more):
    return {"path": path, "size": len(data), "digest": digest(data), **more}


def test_a_publish_and_everything_that_follows_from_it(api, repo):
    revision = api.publish(repo, FILES, version="1.0.0", message="hello")
    assert revision["files"] == 2 and revision["size"] == 13 and revision["parents"] == []
    assert revision["branches"] == ["main"] and revision["versions"] == ["1.0.0"] and revision["message"].strip() == "hello"
    shown = api.get(f"/hub/v1/models/{repo}").expect(200).json
    assert shown["head"] == revision["commit"] and shown["latestVersion"] == "1.0.0" and shown["files"] == 2
    manifest = api.get(f"/hub/v1/models/{repo}/manifest/1.0.0").expect(200).body
    assert digest(manifest) == revision["manifest"]
    assert [tuple(line.split(None, 2)) for line in manifest.decode().splitlines()[1:]] == [
        (digest(d)[7:], str(len(d)), p) for p, d in sorted(FILES.items())]
    events = [e for e in api.pages(f"/hub/v1/events?repo={quoted(repo)}&limit=1000")]
    published = [e for e in events if e["action"] == "revision.published"]
    assert published[0]["detail"]["commit"] == revision["commit"] and published[0]["actor"] == "admin"


def test_events_are_chained(api, repo):
    api.publish(repo, FILES)
    events = api.pages("/hub/v1/events?limit=1000")
    assert [e["sequence"] for e in events] == list(range(1, len(events) + 1))
    assert all(b["previousHash"] == a["hash"] for a, b in zip(events, events[1:]))


def test_a_version_never_changes(api, repo):
    first = api.publish(repo, FILES, version="1.0.0")
    api.put_blob(b"other")
    refused = api.commit(repo, {"a.txt": b"other"}, version="1.0.0").refused(409, "version-exists")
    assert "1.0.0" in refused.json["detail"] and "new" in refused.json["detail"]
    # All or nothing: the branch did not move either.
    assert api.get(f"/hub/v1/models/{repo}").json["head"] == first["commit"]
    api.put(f"/hub/v1/models/{repo}/versions/1.0.0", as_json={"revision": "main"}).refused(409, "version-exists")


def test_a_withdrawn_version_stays_readable_and_its_name_is_taken(api, repo):
    first = api.publish(repo, FILES, version="1.0.0")
    api.delete(f"/hub/v1/models/{repo}/versions/1.0.0?reason=trained%20on%20the%20test%20set").expect(204)
    shown = api.get(f"/hub/v1/models/{repo}/revisions/1.0.0").expect(200).json
    assert shown["commit"] == first["commit"] and shown["withdrawn"] == "trained on the test set"
    api.resolve(repo, "1.0.0", "a.txt").expect(200)
    api.put(f"/hub/v1/models/{repo}/versions/1.0.0", as_json={"revision": "main"}).refused(409, "version-exists")


def test_blobs_that_were_not_sent(api, repo):
    data = bytes_of(5000, repo)
    refused = api.commit(repo, {"a.txt": data}).refused(409, "blobs-missing")
    assert refused.json["details"]["missing"] == digest(data)
    api.get(f"/hub/v1/models/{repo}").refused(404, "unknown-repo")


def test_a_size_that_is_not_the_blobs(api, repo):
    api.put_blob(b"first\n").expect(200, 201)
    body = {"files": [{"path": "a.txt", "size": 7, "digest": digest(b"first\n")}]}
    api.post(f"/hub/v1/models/{quoted(repo)}/publish", as_json=body).refused(400, "size-mismatch")


def test_the_optimistic_parent_check(api, repo):
    first = api.publish(repo, FILES, expectedHead="")
    api.put_blob(b"new").expect(201, 200)
    api.commit(repo, {"a.txt": b"new"}, expectedHead="").refused(409, "head-moved")
    refused = api.commit(repo, {"a.txt": b"new"}, expectedHead="0" * 40).refused(409, "head-moved")
    assert refused.json["details"]["head"] == first["commit"]
    api.commit(repo, {"a.txt": b"new"}, expectedHead=first["commit"]).expect(201)


def test_of_many_who_expect_one_head_one_wins(hub, api, repo):
    head = api.publish(repo, FILES)["commit"]
    api.put_blobs([f"writer {i}".encode() for i in range(8)]).expect(201)

    def attempt(i):
        with hub.api() as mine:
            return mine.commit(repo, {"a.txt": f"writer {i}".encode()}, expectedHead=head).status

    with concurrent.futures.ThreadPoolExecutor(8) as crew:
        assert sorted(crew.map(attempt, range(8))) == [201] + [409] * 7
    assert len(api.pages(f"/hub/v1/models/{repo}/revisions")) == 2


def test_an_idempotency_key_replays_the_answer(api, repo):
    api.put_blobs(list(FILES.values())).expect(201)
    key = {"Idempotency-Key": f"key-of-{repo}"}
    first = api.commit(repo, FILES, headers=key, version="1.0.0").expect(201).json
    again = api.commit(repo, FILES, headers=key, version="1.0.0").expect(201).json
    assert again["revision"]["commit"] == first["revision"]["commit"]
    assert len(api.pages(f"/hub/v1/models/{repo}/revisions")) == 1
    # Also after the branch has moved on.
    api.publish(repo, {"a.txt": b"later"})
    assert api.commit(repo, FILES, headers=key, version="1.0.0").expect(201).json["revision"]["commit"] == first["revision"]["commit"]
    api.commit(repo, {"a.txt": b"first\n"}, headers=key, version="1.0.0").refused(422, "idempotency-conflict")


def test_the_same_key_at_the_same_time_makes_one_revision(hub, api, repo):
    api.put_blobs(list(FILES.values())).expect(201)

    def attempt(_):
        with hub.api() as mine:
            return mine.commit(repo, FILES, headers={"Idempotency-Key": f"race-{repo}"}, version="1.0.0").expect(200, 201).json["revision"]["commit"]

    with concurrent.futures.ThreadPoolExecutor(8) as crew:
        assert len(set(crew.map(attempt, range(8)))) == 1
    assert len(api.pages(f"/hub/v1/models/{repo}/revisions")) == 1


def test_an_unchanged_publish_makes_no_revision(api, repo):
    first = api.publish(repo, FILES)
    again = api.commit(repo, FILES, version="1.0.0").expect(200, 201).json
    assert again["wasNew"] is False and again["revision"]["commit"] == first["commit"]
    assert api.get(f"/hub/v1/models/{repo}/revisions/1.0.0").json["commit"] == first["commit"]


def test_if_match_on_what_changes(api, repo):
    first = api.publish(repo, FILES)
    second = api.publish(repo, {"a.txt": b"more"})
    base = f"/hub/v1/models/{repo}"
    made = api.put(f"{base}/aliases/champion", as_json={"revision": first["commit"]}).expect(201)
    tag = made.headers["etag"]
    moved = api.put(f"{base}/aliases/champion", as_json={"revision": second["commit"]}, headers={"If-Match": tag}).expect(200)
    refused = api.put(f"{base}/aliases/champion", as_json={"revision": first["commit"]}, headers={"If-Match": tag}).refused(412, "precondition-failed")
    assert refused.headers["etag"] == moved.headers["etag"]
    api.delete(f"{base}/aliases/champion", headers={"If-Match": tag}).refused(412, "precondition-failed")
    api.put(f"{base}/aliases/absent", as_json={"revision": "main"}, headers={"If-Match": "*"}).refused(412, "precondition-failed")

    tag = api.get(base).json["etag"]
    api.patch(base, as_json={"description": "one"}, headers={"If-Match": tag}).expect(200)
    api.patch(base, as_json={"description": "two"}, headers={"If-Match": tag}).refused(412, "precondition-failed")
    api.delete(base, headers={"If-Match": tag}).refused(412, "precondition-failed")
    history = api.get(f"{base}/aliases/champion/history").expect(200).json["items"]
    assert [(m.get("from"), m.get("to")) for m in history] == [(first["commit"], second["commit"]), (None, first["commit"])]


@pytest.mark.parametrize("path", [
    "../escape", "/absolute", "a/../../b", "a//b", "a/", "", ".", "..", "nul\0byte", "line\nbreak", "back\\slash", ".git/config",
    "x/.GIT/hooks", "x" * 256, "/".join("d" * 65), "long/" * 300 + "x"])
def test_hostile_paths(api, repo, path):
    api.put_blob(b"first\n").expect(200, 201)
    for call in ("publish", "publish/plan"):
        api.post(f"/hub/v1/models/{quoted(repo)}/{call}", as_json={"files": [entry(path)]}).refused(400, "invalid-path")
    api.get(f"/hub/v1/models/{quoted(repo)}").refused(404, "unknown-repo")


@pytest.mark.parametrize("paths", [["a", "a"], ["Readme.md", "README.md"], ["a", "a/b"], ["Dir/x", "dir/y"], ["é", "e\u0301"]])
def test_paths_that_cannot_stand_together(api, repo, paths):
    api.put_blob(b"first\n").expect(200, 201)
    refused = api.post(f"/hub/v1/models/{quoted(repo)}/publish", as_json={"files": [entry(p) for p in paths]}).refused(400, "invalid-path")
    assert len(refused.json["detail"]) > 20


@pytest.mark.parametrize("name", ["späße/ü.txt", "e\u0301", "a b&c=d?e#f%41+.txt", "日本語/モデル.bin", "…", "-rf", "~", "a:b|c*"])
def test_unicode_and_odd_names_are_kept_exactly(api, repo, name):
    api.publish(repo, {name: b"first\n"})
    assert [f["path"] for f in api.pages(f"/hub/v1/models/{quoted(repo)}/files")] == [name]
    assert api.resolve(repo, "main", name).expect(200).body == b"first\n"


@pytest.mark.parametrize("owner, name", [("models", "x"), ("api", "x"), ("-x", "y"), ("a..b", "y"), ("a--b", "y"), ("x" * 97, "y"), ("a", "y.git."), ("a", "bad name")])
def test_names_that_are_refused(api, owner, name):
    answer = api.post("/hub/v1/models", as_json={"owner": owner, "name": name})
    answer.refused(400, "invalid-name")


@pytest.mark.parametrize("body, code", [
    (b"", "invalid-request"), (b"{", "invalid-request"), (b'{"files": 1}', "invalid-request"), (b"[]", "invalid-request"), (b'{"files": []}', "invalid-request"),
    (b'{"files": [{"path": "a", "size": -1, "digest": "sha256:' + b"0" * 64 + b'"}]}', "too-large"),
    (b'{"files": [{"path": "a", "size": 1, "digest": "md5:00"}]}', "invalid-digest"), (b"\xff\xfe", "invalid-request")])
def test_bodies_that_are_not_understood(api, repo, body, code):
    answer = api.post(f"/hub/v1/models/{quoted(repo)}/publish", body=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status < 500 and answer.code == code, (answer.status, answer.body)


def test_names_that_differ_only_in_case_are_one(api, repo):
    api.publish(repo, FILES)
    api.post("/hub/v1/models", as_json={"owner": "ACME", "name": repo.split("/")[1].upper()}).refused(409, "repo-exists")
    assert api.get(f"/hub/v1/models/{repo.upper()}").status in (200, 404)


def test_models_and_datasets_are_two_worlds(api, repo):
    api.publish(repo, {"a.txt": b"a model"})
    api.publish(repo, {"a.txt": b"a dataset"}, kind="datasets")
    assert api.resolve(repo, "main", "a.txt").body == b"a model"
    assert api.resolve(repo, "main", "a.txt", kind="datasets").body == b"a dataset"


def test_lists_come_in_pages(api, repo):
    api.publish(repo, {f"{i:03}.txt": b"x" for i in range(250)})
    first = api.get(f"/hub/v1/models/{repo}/files?limit=100").expect(200).json
    assert len(first["items"]) == 100 and first["next"]
    everything = api.pages(f"/hub/v1/models/{repo}/files?limit=100")
    assert [f["path"] for f in everything] == [f"{i:03}.txt" for i in range(250)]
    assert len(api.pages(f"/hub/v1/models/{repo}/files?limit=100&prefix=01")) == 10
    for query in ("limit=0", "limit=1001", "limit=x", "cursor=%21%21"):
        api.get(f"/hub/v1/models/{repo}/files?{query}").refused(400, "invalid-request")


def test_lineage_by_the_api(api, repo):
    names = [f"{repo}-{letter}" for letter in "abc"]
    for i, name in enumerate(names):
        api.publish(name, {"a.txt": name.encode()}, version="1", **({"bases": [f"{names[i - 1]}@1:finetune"]} if i else {}))
    up = api.get(f"/hub/v1/models/{names[2]}/lineage").expect(200).json
    assert [(s["depth"], s["parent"]["repo"], s["kind"]) for s in up["steps"]] == [(1, names[1], "finetune"), (2, names[0], "finetune")]
    down = api.get(f"/hub/v1/models/{names[0]}/lineage?direction=down&depth=1").expect(200).json
    assert [s["child"]["repo"] for s in down["steps"]] == [names[1]]
    api.post(f"/hub/v1/models/{names[0]}/lineage", as_json={"revision": "1", "base": f"{names[2]}@1:merge"}).refused(409, "lineage-cycle")
    # By id, not by name: right after a rename.
    owner, new = names[1].split("/")[0], names[1].split("/")[1] + "-renamed"
    api.post(f"/hub/v1/models/{names[1]}/move", as_json={"owner": owner, "name": new}).expect(200)
    assert api.get(f"/hub/v1/models/{names[2]}/lineage").json["steps"][0]["parent"]["repo"] == f"{owner}/{new}"
    assert api.get(f"/hub/v1/models/{names[1]}").expect(200).json["name"] == new
    api.commit(names[2], {"a.txt": names[0].encode()}, bases=["acme/never-was@1"]).refused(404, "unknown-repo")
