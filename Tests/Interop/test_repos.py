"""Repos: made, found taken, moved, hidden, deleted."""

import pytest
from huggingface_hub.errors import BadRequestError, HfHubHTTPError, HFValidationError, RepositoryNotFoundError

from kit.api import API


def status_of(refused):
    return refused.value.response.status_code


def test_create_a_model(alice, repo, url):
    made = alice.create_repo(repo)
    assert str(made) == f"{url}/{repo}"
    assert (made.repo_id, made.repo_type) == (repo, "model")
    assert alice.model_info(repo).private is False


def test_create_in_the_own_namespace_by_default(alice, repo):
    made = alice.create_repo(repo.split("/")[1])
    assert made.repo_id == repo
    assert alice.repo_exists(repo)


def test_create_a_dataset(alice, repo, url):
    made = alice.create_repo(repo, repo_type="dataset")
    assert str(made) == f"{url}/datasets/{repo}"
    assert alice.dataset_info(repo).id == repo
    assert not alice.repo_exists(repo), "a dataset is no model"
    alice.create_repo(repo)
    assert alice.repo_exists(repo), "a model may have a dataset's name"


def test_a_taken_name(alice, repo):
    alice.create_repo(repo)
    with pytest.raises(HfHubHTTPError) as refused:
        alice.create_repo(repo)
    assert status_of(refused) == 409
    assert repo in str(refused.value)


def test_exist_ok(alice, repo):
    first = alice.create_repo(repo, exist_ok=True)
    alice.upload_file(path_or_fileobj=b"x", path_in_repo="a.txt", repo_id=repo)
    again = alice.create_repo(repo, exist_ok=True)
    assert str(again) == str(first) and again.repo_id == repo
    assert "a.txt" in alice.list_repo_files(repo), "nothing is made anew"


@pytest.mark.parametrize("wish", [{"private": True}, {"visibility": "private"}], ids=["private", "visibility"])
def test_create_private(alice, as_user, repo, wish):
    alice.create_repo(repo, **wish)
    assert alice.model_info(repo).private is True
    assert not as_user("bob").repo_exists(repo)
    assert not as_user(None).repo_exists(repo)


def test_old_clients_say_private_in_the_body(hub, alice, repo):
    hub.post("/api/repos/create", as_json={"name": repo.split("/")[1], "organization": "alice", "private": True}).expect(200)
    assert alice.model_info(repo).private is True


def test_not_in_a_strangers_namespace(as_user, repo):
    bob = as_user("bob")
    with pytest.raises(HfHubHTTPError) as refused:
        bob.create_repo(repo)
    assert status_of(refused) == 403
    assert not bob.repo_exists(repo)


def test_not_without_a_token_nor_with_one_that_reads(as_user, repo):
    for who, status in ((as_user(None), 401), (as_user("alice", "reader"), 403)):
        with pytest.raises(HfHubHTTPError) as refused:
            who.create_repo(repo)
        assert status_of(refused) == status
        assert not who.repo_exists(repo)


@pytest.mark.parametrize("name", ["two--dashes", "ends.git", "-dash", "sp ace", "x" * 97, "dots..dots"])
def test_bad_names(alice, hub, name):
    with pytest.raises((HFValidationError, BadRequestError)):
        alice.create_repo(f"alice/{name}")
    refused = hub.post("/api/repos/create", as_json={"name": name, "organization": "alice"}).expect(400)
    assert len(refused.json["error"]) > 15
    assert refused.headers["content-type"].startswith("application/json")


def test_delete(alice, repo):
    alice.create_repo(repo)
    alice.upload_file(path_or_fileobj=b"x", path_in_repo="a.txt", repo_id=repo)
    alice.delete_repo(repo)
    assert not alice.repo_exists(repo)
    with pytest.raises(RepositoryNotFoundError):
        alice.delete_repo(repo)
    alice.delete_repo(repo, missing_ok=True)


def test_a_deleted_name_is_free_again(alice, repo):
    alice.create_repo(repo)
    alice.upload_file(path_or_fileobj=b"old", path_in_repo="old.txt", repo_id=repo)
    alice.delete_repo(repo)
    alice.create_repo(repo)
    assert "old.txt" not in alice.list_repo_files(repo)


def test_delete_is_for_those_who_may(alice, as_user, model):
    for who, status in ((as_user("bob"), 403), (as_user(None), 401), (as_user("alice", "reader"), 403)):
        with pytest.raises(HfHubHTTPError) as refused:
            who.delete_repo(model)
        assert status_of(refused) == status
    assert alice.repo_exists(model)


def test_move(alice, repo):
    alice.create_repo(repo)
    alice.upload_file(path_or_fileobj=b"carried", path_in_repo="a.txt", repo_id=repo)
    head = alice.model_info(repo).sha
    alice.move_repo(repo, f"{repo}-moved")
    moved = alice.model_info(f"{repo}-moved")
    assert (moved.id, moved.sha) == (f"{repo}-moved", head)
    with open(alice.hf_hub_download(f"{repo}-moved", "a.txt"), "rb") as file:
        assert file.read() == b"carried"


def test_the_old_name_goes_on_working_after_a_move(alice, repo):
    alice.create_repo(repo)
    alice.upload_file(path_or_fileobj=b"carried", path_in_repo="a.txt", repo_id=repo)
    alice.move_repo(repo, f"{repo}-moved")
    assert alice.model_info(repo).id == f"{repo}-moved"
    with open(alice.hf_hub_download(repo, "a.txt"), "rb") as file:
        assert file.read() == b"carried"


def test_move_to_a_taken_name(alice, repo):
    for name in (repo, f"{repo}-taken"):
        alice.create_repo(name)
    with pytest.raises(HfHubHTTPError) as refused:
        alice.move_repo(repo, f"{repo}-taken")
    assert status_of(refused) == 409
    assert alice.model_info(repo).id == repo


def test_settings_hide_and_show(alice, as_user, model):
    alice.update_repo_settings(model, private=True)
    assert alice.model_info(model).private is True
    assert not as_user("bob").repo_exists(model)
    alice.update_repo_settings(model, visibility="public")
    assert as_user("bob").model_info(model).private is False


def test_settings_are_for_those_who_may(as_user, model):
    for who, status in ((as_user("bob"), 403), (as_user(None), 401)):
        with pytest.raises(HfHubHTTPError) as refused:
            who.update_repo_settings(model, private=True)
        assert status_of(refused) == status
    assert as_user(None).model_info(model).private is False


def test_an_unknown_route_is_no_web_page(url):
    with API(url) as stranger:
        for path in ("/api/nothing-of-the-kind", "/api/models/alice/x/nothing", "/api/collections"):
            answer = stranger.get(path).expect(404)
            assert answer.headers["content-type"].startswith("application/json"), path
            assert isinstance(answer.json, dict)
