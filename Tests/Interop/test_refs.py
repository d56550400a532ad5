"""Branches, tags and history."""

import datetime

import pytest
from huggingface_hub.errors import HfHubHTTPError, RevisionNotFoundError


@pytest.fixture
def twice(alice, model):
    """A model of two commits; returns their ids, old and new."""
    return [
        alice.upload_file(path_or_fileobj=text.encode(), path_in_repo="a.txt", repo_id=model, commit_message=text).oid
        for text in ("one", "two")]


def branches(api, repo):
    return {b.name: b.target_commit for b in api.list_repo_refs(repo).branches}


def tags(api, repo):
    return {t.name: t.target_commit for t in api.list_repo_refs(repo).tags}


def test_refs(alice, model, twice):
    alice.create_branch(model, branch="dev")
    alice.create_tag(model, tag="v1.0")
    refs = alice.list_repo_refs(model)
    assert {(b.name, b.ref, b.target_commit) for b in refs.branches} == {("main", "refs/heads/main", twice[1]), ("dev", "refs/heads/dev", twice[1])}
    assert [(t.name, t.ref, t.target_commit) for t in refs.tags] == [("v1.0", "refs/tags/v1.0", twice[1])]
    assert refs.converts == []
    assert alice.list_repo_refs(model, include_pull_requests=True).pull_requests == []


def test_branch_from_an_older_revision(alice, model, twice):
    alice.create_branch(model, branch="feature/past", revision=twice[0])
    assert branches(alice, model)["feature/past"] == twice[0]
    with open(alice.hf_hub_download(model, "a.txt", revision="feature/past")) as file:
        assert file.read() == "one"


def test_branch_from_a_branch(alice, model, twice):
    alice.create_branch(model, branch="old", revision=twice[0])
    alice.create_branch(model, branch="old2", revision="old")
    assert branches(alice, model)["old2"] == twice[0]


def test_a_taken_branch(alice, model, twice):
    alice.create_branch(model, branch="dev", revision=twice[0])
    with pytest.raises(HfHubHTTPError) as refused:
        alice.create_branch(model, branch="dev")
    assert refused.value.response.status_code == 409
    alice.create_branch(model, branch="dev", exist_ok=True)
    assert branches(alice, model)["dev"] == twice[0]


def test_a_branch_from_nowhere(alice, model):
    with pytest.raises(RevisionNotFoundError):
        alice.create_branch(model, branch="dev", revision="no-such-branch")
    assert "dev" not in branches(alice, model)


def test_delete_a_branch(alice, model):
    alice.create_branch(model, branch="short/lived")
    alice.delete_branch(model, branch="short/lived")
    assert set(branches(alice, model)) == {"main"}
    with pytest.raises(HfHubHTTPError) as refused:
        alice.delete_branch(model, branch="short/lived")
    assert refused.value.response.status_code == 404


def test_a_tag(alice, model, twice):
    alice.create_tag(model, tag="v1", revision=twice[0], tag_message="The first")
    assert tags(alice, model) == {"v1": twice[0]}
    assert alice.model_info(model, revision="v1").sha == twice[0]
    with open(alice.hf_hub_download(model, "a.txt", revision="v1")) as file:
        assert file.read() == "one"


def test_a_taken_tag(alice, model, twice):
    alice.create_tag(model, tag="v1", revision=twice[0])
    with pytest.raises(HfHubHTTPError) as refused:
        alice.create_tag(model, tag="v1", revision=twice[1])
    assert refused.value.response.status_code == 409
    alice.create_tag(model, tag="v1", revision=twice[1], exist_ok=True)
    assert tags(alice, model) == {"v1": twice[0]}, "tags do not move"


def test_a_tag_is_a_promise(alice, model, twice):
    """Tags are versions, which never disappear; the refusal says so and what to do instead."""
    alice.create_tag(model, tag="v1")
    with pytest.raises(HfHubHTTPError) as refused:
        alice.delete_tag(model, tag="v1")
    assert 400 <= refused.value.response.status_code < 500 and refused.value.response.status_code != 404
    assert "version" in refused.value.server_message
    assert tags(alice, model) == {"v1": twice[1]}
    with pytest.raises(HfHubHTTPError) as refused:
        alice.delete_tag(model, tag="never-was")
    assert refused.value.response.status_code == 404


def test_an_alias_is_a_tag_that_can_go(alice, hub, model, twice):
    hub.put(f"/hub/v1/models/{model}/aliases/champion", as_json={"revision": twice[0]}).expect(200, 201)
    assert tags(alice, model) == {"champion": twice[0]}
    with open(alice.hf_hub_download(model, "a.txt", revision="champion")) as file:
        assert file.read() == "one"
    alice.delete_tag(model, tag="champion")
    assert tags(alice, model) == {}
    assert not alice.revision_exists(model, "champion")


def test_a_tag_of_nothing(alice, model):
    with pytest.raises(RevisionNotFoundError):
        alice.create_tag(model, tag="v1", revision="no-such-branch")
    with pytest.raises(RevisionNotFoundError):
        alice.create_tag(model, tag="v1", revision="0" * 40)


def test_refs_are_for_those_who_may(as_user, alice, model):
    alice.create_branch(model, branch="dev")
    bob = as_user("bob")
    for attempt in (lambda: bob.create_branch(model, branch="mine"), lambda: bob.delete_branch(model, branch="dev"),
                    lambda: bob.create_tag(model, tag="mine"), lambda: bob.super_squash_history(model)):
        with pytest.raises(HfHubHTTPError) as refused:
            attempt()
        assert refused.value.response.status_code == 403
    assert set(branches(alice, model)) == {"main", "dev"}


def test_revision_exists(alice, model, twice):
    alice.create_tag(model, tag="v1")
    alice.create_branch(model, branch="a/b")
    for revision in ("main", "v1", "a/b", *twice):
        assert alice.revision_exists(model, revision), revision
    for revision in ("no-such", "0" * 40):
        assert not alice.revision_exists(model, revision), revision


def test_every_way_to_name_a_revision(alice, model, twice):
    alice.create_tag(model, tag="v1", revision=twice[0])
    for revision in ("v1", twice[0], twice[0][:12], "refs/tags/v1"):
        assert alice.model_info(model, revision=revision).sha == twice[0], revision
    for revision in (None, "main", "refs/heads/main"):
        assert alice.model_info(model, revision=revision).sha == twice[1], revision


def test_history(alice, model, twice):
    commits = alice.list_repo_commits(model)
    assert [c.commit_id for c in commits][:2] == twice[::-1]
    assert [c.title for c in commits][:2] == ["two", "one"]
    assert "alice" in commits[0].authors
    age = datetime.datetime.now(datetime.timezone.utc) - commits[0].created_at
    assert datetime.timedelta(seconds=-5) < age < datetime.timedelta(minutes=5)
    assert [c.commit_id for c in alice.list_repo_commits(model, revision=twice[0])][0] == twice[0]
    with pytest.raises(RevisionNotFoundError):
        alice.list_repo_commits(model, revision="no-such")


def test_a_long_history_comes_in_pages(alice, hub, model):
    for number in range(55):
        body = (f'{{"key":"header","value":{{"summary":"c{number}","description":""}}}}\n'
                f'{{"key":"file","value":{{"path":"n.txt","content":"{"QUJD" * (number + 1)}","encoding":"base64"}}}}\n')
        hub.post(f"/api/models/{model}/commit/main", body=body.encode(), headers={"Content-Type": "application/x-ndjson"}).expect(200)
    assert [c.title for c in alice.list_repo_commits(model)][:55] == [f"c{n}" for n in reversed(range(55))]
    first = hub.get(f"/api/models/{model}/commits/main").expect(200)
    assert 'rel="next"' in first.headers["Link"] and "<http://" in first.headers["Link"]
