"""Who is asking: tokens, logins and what a wrong one is told."""

import pytest
from huggingface_hub import HfApi, login, logout
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError


def test_whoami_names_the_user(alice):
    me = alice.whoami()
    assert me["type"] == "user"
    assert me["name"] == "alice"
    assert isinstance(me["orgs"], list)


def test_whoami_says_what_the_token_may_do(as_user):
    assert as_user("alice", "reader").whoami()["auth"]["accessToken"]["role"] == "read"
    assert as_user("alice", "writer").whoami()["auth"]["accessToken"]["role"] == "write"


def test_whoami_refuses_a_wrong_token(url):
    with pytest.raises(HfHubHTTPError) as refused:
        HfApi(endpoint=url, token="hf_" + "x" * 40).whoami()
    assert refused.value.response.status_code == 401
    assert "Invalid user token" in str(refused.value)


def test_a_wrong_token_is_refused_even_where_none_is_needed(url, model):
    """And not as a missing repo: its user is to look for the fault in the right place."""
    with pytest.raises(HfHubHTTPError) as refused:
        HfApi(endpoint=url, token="hf_" + "x" * 40).model_info(model)
    assert refused.value.response.status_code == 401
    assert not isinstance(refused.value, RepositoryNotFoundError)
    assert "Invalid credentials in Authorization header" in str(refused.value)


def test_an_expired_token_is_refused(url, token, model):
    import time

    short = token("passing-by", expiresInSeconds=1)
    time.sleep(1.2)
    with pytest.raises(HfHubHTTPError) as refused:
        HfApi(endpoint=url, token=short).model_info(model)
    assert refused.value.response.status_code == 401
    assert not isinstance(refused.value, RepositoryNotFoundError)


def test_login_keeps_a_good_token_and_refuses_a_wrong_one(token, a_home):
    login(token=token("alice"))
    assert (a_home / "token").read_text().strip() == token("alice")
    assert HfApi().whoami()["name"] == "alice"
    with pytest.raises((ValueError, HfHubHTTPError)):
        login(token="hf_" + "y" * 40)
    assert HfApi().whoami()["name"] == "alice", "the good one stays"
    logout()
    assert not (a_home / "token").exists()


def test_the_command_logs_in_and_out(person, token):
    somebody = person(None)
    assert somebody.try_hf("auth", "login", "--token", "hf_" + "z" * 40).status != 0
    somebody.hf("auth", "login", "--token", token("bob"))
    assert somebody.hf("auth", "whoami", "--format", "json").json["user"] == "bob"
    somebody.hf("auth", "logout")
    after = somebody.try_hf("auth", "whoami")
    assert "bob" not in after.out


def test_auth_check(alice, as_user, private_model):
    alice.auth_check(private_model)
    for stranger in (as_user("bob"), as_user(None)):
        with pytest.raises(RepositoryNotFoundError):
            stranger.auth_check(private_model)


def test_auth_check_for_writing(as_user, alice, model):
    alice.auth_check(model, write=True)
    as_user("bob").auth_check(model)
    with pytest.raises(HfHubHTTPError) as refused:
        as_user("bob").auth_check(model, write=True)
    assert refused.value.response.status_code == 403
