"""Who may do what, and what strangers may know."""

import json
import time

import pytest

from kit.api import API, digest, quoted
from conftest import SECRETS

FILES = {"a.txt": b"for everybody"}


@pytest.fixture
def secret(repo):
    """Bytes that are in no other repo."""
    return f"for some eyes only: {repo}".encode()


@pytest.fixture
def secret_repo(api, repo, secret):
    api.publish(repo, {"a.txt": secret}, isPrivate=True, version="1.0.0")
    return repo


def test_writing_needs_a_token(stranger, repo):
    stranger.put_blob(b"x").refused(401, "unauthenticated")
    refused = stranger.commit(repo, FILES).refused(401, "unauthenticated")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert "grayling login" in refused.json["detail"]


def test_public_repos_are_readable_without_one(api, stranger, repo):
    api.publish(repo, FILES)
    assert stranger.resolve(repo, "main", "a.txt").expect(200).body == FILES["a.txt"]
    assert stranger.get(f"/hub/v1/models/{repo}").expect(200).json["isPrivate"] is False


@pytest.mark.parametrize("path", ["", "/refs", "/files", "/revisions", "/revisions/1.0.0", "/manifest/1.0.0", "/resolve/1.0.0/a.txt",
                                  "/diff?from=1.0.0", "/lineage", "/aliases/x/history", "/members"])
def test_private_repos_look_absent(api, user, stranger, secret_repo, path):
    outsider = user("outsider")
    for who in (stranger, outsider):
        here = who.get(f"/hub/v1/models/{secret_repo}{path}")
        there = who.get(f"/hub/v1/models/acme/never-was{path}")
        assert (here.status, here.code) == (there.status, there.code), path
        assert here.json["detail"].replace(secret_repo, "") == there.json["detail"].replace("acme/never-was", "")
        assert here.status in (401, 404)


def test_private_repos_are_in_no_list_and_their_blobs_are_nobodys(api, user, stranger, secret_repo, secret):
    outsider = user("outsider")
    name = secret_repo.split("/")[1]
    for who in (stranger, outsider):
        assert all(r["name"] != name for r in who.pages("/hub/v1/models?limit=1000"))
        assert who.get(f"/hub/v1/models?search={name}").expect(200).json["items"] == []
        who.get(f"/hub/v1/blobs/{digest(secret)}").refused(404, "unknown-blob")
        assert who.head(f"/hub/v1/blobs/{digest(secret)}").status == 404
    # Knowing a digest is not having the bytes.
    plan = outsider.post("/hub/v1/models/outsider/theft/publish/plan",
                         as_json={"files": [{"path": "a", "size": len(secret), "digest": digest(secret)}]}).expect(200).json
    assert plan["missing"] == [digest(secret)]
    outsider.commit("outsider/theft", {"a": secret}).refused(409, "blobs-missing")


def test_private_lineage_and_events_tell_strangers_nothing(api, user, stranger, secret_repo, repo):
    child = "acme/child-of-the-secret"
    api.publish(child, {"b.txt": b"public child"}, bases=[f"{secret_repo}@1.0.0"])
    text = json.dumps(stranger.get(f"/hub/v1/models/{child}/lineage").expect(200).json)
    assert secret_repo not in text, "the name of a private parent is not told"
    stranger.get("/hub/v1/events").refused(401, "unauthenticated")
    user("outsider").get("/hub/v1/events").refused(403, "not-permitted")


def test_roles_in_a_repo(api, user, secret_repo, secret):
    members = f"/hub/v1/models/{secret_repo}/members"
    somebody = user("somebody", role="admin")
    base = f"/hub/v1/models/{secret_repo}"

    api.put(f"{members}/somebody", as_json={"role": "reader"}).expect(200, 201)
    assert somebody.resolve(secret_repo, "main", "a.txt").expect(200).body == secret
    somebody.put(f"{base}/aliases/champion", as_json={"revision": "1.0.0"}).refused(403, "not-permitted")

    api.put(f"{members}/somebody", as_json={"role": "writer"}).expect(200)
    somebody.put(f"{base}/aliases/champion", as_json={"revision": "1.0.0"}).expect(201)
    somebody.publish(secret_repo, {"a.txt": b"changed by somebody"})
    somebody.delete(base).refused(403, "not-permitted")
    somebody.put(f"{members}/outsider", as_json={"role": "reader"}).refused(403, "not-permitted")

    api.put(f"{members}/somebody", as_json={"role": "admin"}).expect(200)
    somebody.patch(base, as_json={"description": "mine to describe"}).expect(200)
    assert {(m["user"], m["role"]) for m in somebody.get(members).expect(200).json["items"]} >= {("somebody", "admin")}

    api.delete(f"{members}/somebody").expect(204)
    somebody.get(base).refused(404, "unknown-repo")


def test_roles_in_a_namespace(api, user):
    api.post("/hub/v1/owners", as_json={"name": "guild"}).expect(201)
    api.publish("guild/tool", FILES, isPrivate=True)
    member = user("guild-member")
    member.get("/hub/v1/models/guild/tool").refused(404, "unknown-repo")
    member.commit("guild/new", FILES).refused(403, "not-permitted")
    api.put("/hub/v1/owners/guild/members/guild-member", as_json={"role": "writer"}).expect(200, 201)
    member.get("/hub/v1/models/guild/tool").expect(200)
    member.publish("guild/tool-two", {"b.txt": b"by a member"})
    api.delete("/hub/v1/owners/guild/members/guild-member").expect(204)
    member.get("/hub/v1/models/guild/tool").refused(404, "unknown-repo")


def test_a_token_is_a_ceiling(hub, api, repo):
    api.publish(repo, FILES)
    made = api.post("/hub/v1/tokens", as_json={"name": "only reads", "role": "reader"}).expect(201).json
    SECRETS.append(made["secret"])
    with API(hub.url, made["secret"]) as reader:
        assert reader.get("/hub/v1/whoami").json["role"] == "reader"
        reader.put_blob(b"new").refused(403, "not-permitted")
        reader.commit(repo, FILES).refused(403, "not-permitted")
        reader.post("/hub/v1/tokens", as_json={"name": "more", "role": "writer"}).refused(403, "not-permitted")
        reader.post("/hub/v1/care/collect", as_json={"dryRun": True}).refused(403, "not-permitted")
        reader.get("/hub/v1/events").refused(403, "not-permitted")


def test_an_expired_token_says_when(user):
    short = user("shortlived", expiresInSeconds=1)
    short.get("/hub/v1/whoami").expect(200)
    time.sleep(1.2)
    refused = short.get("/hub/v1/whoami").refused(401, "token-expired")
    assert "expired at 20" in refused.json["detail"]
    # Not as a stranger, either: somebody believes to be signed in.
    short.get("/hub/v1/models").refused(401, "token-expired")


def test_a_revoked_token_ends_at_once(api, user):
    gone = user("revoked")
    gone.get("/hub/v1/whoami").expect(200)
    api.delete(f"/hub/v1/tokens/{gone.token_id}").expect(204)
    gone.get("/hub/v1/whoami").refused(401, "unauthenticated")
    api.delete(f"/hub/v1/tokens/{gone.token_id}").refused(404, "unknown-token")


def test_nobody_ends_another_users_token(user):
    mine, other = user("mine"), user("another")
    other.delete(f"/hub/v1/tokens/{mine.token_id}").refused(404, "unknown-token")
    mine.get("/hub/v1/whoami").expect(200)


def test_an_unknown_token_is_refused_also_where_none_is_needed(hub, api, repo):
    api.publish(repo, FILES)
    with API(hub.url, "hf_" + "0" * 40) as nobody:
        nobody.resolve(repo, "main", "a.txt").refused(401, "unauthenticated")


def test_secrets_are_stored_as_hashes(hub, user):
    made = user("hashed")
    for file in ("catalog.sqlite", "catalog.sqlite-wal"):
        path = hub.data / file
        if path.exists():
            assert made.token.encode() not in path.read_bytes(), f"{file} has a secret in it"


def test_an_upload_is_its_beginners_alone(user):
    mine, other = user("uploader"), user("another")
    upload = mine.post("/hub/v1/uploads", as_json={"digest": digest(b"m" * 99), "size": 99}).expect(201).json
    for call in (lambda: other.get(f"/hub/v1/uploads/{upload['id']}"),
                 lambda: other.put(f"/hub/v1/uploads/{upload['id']}/parts/0", body=b"m" * 99),
                 lambda: other.post(f"/hub/v1/uploads/{upload['id']}/complete")):
        call().refused(404, "unknown-upload")
    mine.delete(f"/hub/v1/uploads/{upload['id']}").expect(204)
