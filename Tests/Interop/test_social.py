"""What this hub does not do is refused in words, and breaks nothing beside it."""

import pytest
from huggingface_hub.errors import HfHubHTTPError

from kit.content import bytes_of


def refused_in_words(attempt):
    with pytest.raises(HfHubHTTPError) as refused:
        attempt()
    assert 400 <= refused.value.response.status_code < 500 or refused.value.response.status_code == 501
    assert len(refused.value.server_message or "") > 15, refused.value
    return refused.value


def test_discussions(alice, model):
    try:
        assert list(alice.get_repo_discussions(model)) == []
    except HfHubHTTPError as error:
        assert error.response.status_code in (403, 404, 501) and len(error.server_message or "") > 15


def test_a_new_discussion(alice, model):
    refused_in_words(lambda: alice.create_discussion(model, title="Hello"))
    refused_in_words(lambda: alice.create_pull_request(model, title="Please"))


def test_an_upload_as_a_pull_request_touches_nothing(alice, model, tmp_path):
    head = alice.model_info(model).sha
    (tmp_path / "f").mkdir()
    (tmp_path / "f/a.txt").write_bytes(b"a")
    refused_in_words(lambda: alice.upload_file(path_or_fileobj=b"a", path_in_repo="a.txt", repo_id=model, create_pr=True))
    refused_in_words(lambda: alice.upload_folder(folder_path=tmp_path / "f", repo_id=model, create_pr=True))
    assert alice.model_info(model).sha == head
    assert [b.name for b in alice.list_repo_refs(model).branches] == ["main"]


def test_an_upload_of_weights_as_a_pull_request(alice, model):
    head = alice.model_info(model).sha
    # What refuses is the hub or, by way of its token, the CAS: then the client makes it a ConnectionError.
    with pytest.raises((HfHubHTTPError, ConnectionError)):
        alice.upload_file(path_or_fileobj=bytes_of(30_000, model), path_in_repo="a.bin", repo_id=model, create_pr=True)
    assert alice.model_info(model).sha == head


def test_spaces(alice, repo):
    refused_in_words(lambda: alice.create_repo(repo, repo_type="space", space_sdk="static"))
    assert not alice.repo_exists(repo, repo_type="space")
    refused_in_words(lambda: alice.space_info(repo))
    try:
        assert list(alice.list_spaces(author="alice")) == []
    except HfHubHTTPError as error:
        assert error.response.status_code in (404, 501)


def test_gating(alice, model):
    refused_in_words(lambda: alice.update_repo_settings(model, gated="manual"))
    assert not alice.model_info(model).gated


def test_things_of_other_trades(alice):
    for attempt in (lambda: alice.list_collections(owner="alice", limit=1), lambda: alice.list_webhooks()):
        with pytest.raises(HfHubHTTPError) as refused:
            list(attempt())
        assert refused.value.response.status_code in (404, 501)


def test_the_commands_start_with_no_list_of_agents(person, tap):
    """The first command of a day asks for one; no answer to it may stop it."""
    somebody = person(through=tap)
    somebody.hf("auth", "whoami")
    for call in tap.calls("/api/agent-harnesses"):
        assert call.status < 500
