"""Every refusal as the class of error that its client knows."""

import json

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import (
    BadRequestError, EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError, RemoteEntryNotFoundError, RepositoryNotFoundError,
    RevisionNotFoundError)

from kit.api import API

ABSENT = "alice/never-was"


def reads(api, repo):
    """Everything that reads, by name."""
    return {
        "model_info": lambda: api.model_info(repo),
        "model_info of a revision": lambda: api.model_info(repo, revision="main"),
        "list_repo_files": lambda: api.list_repo_files(repo),
        "list_repo_tree": lambda: list(api.list_repo_tree(repo)),
        "get_paths_info": lambda: api.get_paths_info(repo, ["a.txt"]),
        "list_repo_refs": lambda: api.list_repo_refs(repo),
        "list_repo_commits": lambda: api.list_repo_commits(repo),
        "hf_hub_download": lambda: api.hf_hub_download(repo, "a.txt"),
        "snapshot_download": lambda: api.snapshot_download(repo),
        "auth_check": lambda: api.auth_check(repo),
    }


def writes(api, repo):
    """Everything that writes, by name."""
    return {
        "upload_file": lambda: api.upload_file(path_or_fileobj=b"x", path_in_repo="b.txt", repo_id=repo),
        "delete_file": lambda: api.delete_file("a.txt", repo),
        "create_branch": lambda: api.create_branch(repo, branch="dev"),
        "create_tag": lambda: api.create_tag(repo, tag="v1"),
        "delete_branch": lambda: api.delete_branch(repo, branch="dev"),
        "delete_repo": lambda: api.delete_repo(repo),
        "update_repo_settings": lambda: api.update_repo_settings(repo, private=False),
        "move_repo": lambda: api.move_repo(repo, f"{repo}-stolen"),
        "super_squash_history": lambda: api.super_squash_history(repo),
    }


def outcome(attempt):
    """The class, status and code of what an attempt ends in."""
    try:
        attempt()
    except HfHubHTTPError as error:
        return type(error).__name__, error.response.headers.get("X-Error-Code")
    except Exception as error:
        return type(error).__name__, None
    return "done", None


@pytest.mark.parametrize("name", reads(None, None))
def test_reading_a_repo_that_is_not_there(alice, as_user, name):
    for who in (alice, as_user(None)):
        with pytest.raises(RepositoryNotFoundError) as refused:
            reads(who, ABSENT)[name]()
        # A HEAD, with which a download begins, has no words.
        assert refused.value.server_message or name == "hf_hub_download", "the server says it in words"


@pytest.mark.parametrize("name", writes(None, None))
def test_writing_to_a_repo_that_is_not_there(alice, name):
    with pytest.raises(RepositoryNotFoundError):
        writes(alice, ABSENT)[name]()


def test_to_strangers_a_private_repo_is_one_that_is_not_there(alice, as_user, private_model):
    alice.create_branch(private_model, branch="dev")
    for who in (as_user("bob"), as_user(None)):
        for attempts in (reads, writes):
            for name, attempt in attempts(who, private_model).items():
                assert outcome(attempt) == outcome(attempts(who, ABSENT)[name]), name
        for name, attempt in reads(who, private_model).items():
            assert outcome(attempt)[0] == "RepositoryNotFoundError", name
    assert alice.list_repo_files(private_model), "and nothing was done to it"
    assert {b.name for b in alice.list_repo_refs(private_model).branches} == {"main", "dev"}


def test_to_strangers_a_private_repo_answers_word_for_word_the_same(url, token, private_model):
    paths = ["/api/models/{}", "/api/models/{}/tree/main", "/api/models/{}/refs", "/api/models/{}/xet-read-token/main",
             "/api/models/{}/xet-write-token/main", "/{}/resolve/main/a.txt", "/api/models/{}/commits/main"]
    for secret in (None, token("bob")):
        with API(url, secret) as stranger:
            for path in paths:
                here, there = stranger.get(path.format(private_model)), stranger.get(path.format(ABSENT))
                assert (here.status, here.headers.get("X-Error-Code")) == (there.status, there.headers.get("X-Error-Code")), path
                assert here.status in (401, 404), path
                assert json.loads(json.dumps(here.json).replace(private_model, ABSENT)) == there.json, path


@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_a_revision_that_is_not_there(alice, repo, kind):
    alice.create_repo(repo, repo_type=kind)
    for revision in ("no-such-branch", "v9.9", "0" * 40, "refs/pr/1"):
        for attempt in (lambda: alice.repo_info(repo, repo_type=kind, revision=revision),
                        lambda: alice.list_repo_files(repo, repo_type=kind, revision=revision),
                        lambda: alice.get_paths_info(repo, ["a"], repo_type=kind, revision=revision),
                        lambda: alice.hf_hub_download(repo, "a.txt", repo_type=kind, revision=revision)):
            with pytest.raises(RevisionNotFoundError):
                attempt()


def test_a_file_that_is_not_there(alice, model):
    with pytest.raises(RemoteEntryNotFoundError) as refused:
        alice.hf_hub_download(model, "never.txt")
    assert refused.value.response.headers["X-Repo-Commit"] == alice.model_info(model).sha
    assert not isinstance(refused.value, LocalEntryNotFoundError)
    with pytest.raises(EntryNotFoundError):
        alice.hf_hub_download(model, "folder/never.txt")


def test_errors_say_what_and_carry_a_number_to_ask_about(alice, model):
    with pytest.raises(RevisionNotFoundError) as refused:
        alice.model_info(model, revision="no-such-branch")
    assert "no-such-branch" in refused.value.server_message
    assert refused.value.request_id


def test_a_wrong_token_everywhere(url, model):
    wrong = HfApi(endpoint=url, token="hf_" + "0" * 40)
    for attempts in (reads(wrong, model), writes(wrong, model)):
        for name, attempt in attempts.items():
            assert outcome(attempt)[0] in ("HfHubHTTPError", "LocalEntryNotFoundError"), name


def test_writing_without_a_token(as_user, alice, model):
    alice.upload_file(path_or_fileobj=b"a", path_in_repo="a.txt", repo_id=model)
    for name, attempt in writes(as_user(None), model).items():
        with pytest.raises(HfHubHTTPError) as refused:
            attempt()
        assert refused.value.response.status_code == 401, name
        assert not isinstance(refused.value, RepositoryNotFoundError), name


@pytest.mark.parametrize("user, role", [("bob", "admin"), ("alice", "reader")])
def test_writing_without_the_right(as_user, alice, model, user, role):
    alice.upload_file(path_or_fileobj=b"a", path_in_repo="a.txt", repo_id=model)
    head = alice.model_info(model).sha
    for name, attempt in writes(as_user(user, role), model).items():
        with pytest.raises(HfHubHTTPError) as refused:
            attempt()
        assert refused.value.response.status_code == 403, name
        assert "403 Forbidden" in str(refused.value), name
    assert alice.model_info(model).sha == head


def test_names_that_are_none_on_the_wire(hub):
    for path in ("/api/models/alice/..", "/api/models/alice/a--b", "/api/models/gpt2", "/gpt2/resolve/main/config.json",
                 "/alice/x%00y/resolve/main/a.txt", "/api/models/alice/x/tree/%2e%2e"):
        answer = hub.get(path)
        assert answer.status in (400, 404), path
        assert answer.headers["content-type"].startswith("application/json") and isinstance(answer.json, dict), path


def test_bad_branch_and_tag_names(alice, model):
    for attempt in (lambda: alice.create_branch(model, branch="with..dots"), lambda: alice.create_tag(model, tag="-dash"),
                    lambda: alice.create_branch(model, branch="f" * 40)):
        with pytest.raises(BadRequestError):
            attempt()


def test_requests_that_are_not_understood(hub, model):
    for method, path, body in (
            ("POST", "/api/repos/create", b"{"), ("POST", "/api/repos/create", b"[]"), ("POST", "/api/repos/create", b'{"organization":"alice"}'),
            ("POST", f"/api/models/{model}/preupload/main", b'{"files":3}'), ("POST", f"/api/models/{model}/preupload/main", b"\xff"),
            ("POST", "/api/repos/move", b'{"fromRepo":"alice"}'), ("PUT", f"/api/models/{model}/settings", b'{"visibility":"purple"}'),
            ("POST", f"/api/models/{model}/tag/main", b"{}")):
        answer = hub.request(method, path, body=body, headers={"Content-Type": "application/json"}).expect(400)
        assert len(answer.json["error"]) > 15, (path, body)
