"""The first minute with a new data root."""

import re
import stat

import pytest

from kit.api import API
from kit.server import NotStarted

TOKEN = re.compile(r"hf_[A-Za-z0-9]{40}")


def test_the_first_start_prints_one_token_and_keeps_it(server):
    server.start(own_token=False)
    printed = TOKEN.findall(server.log)
    assert len(printed) == 1, server.log
    kept = server.data / "admin.token"
    assert kept.read_text().strip() == printed[0]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    with API(server.url, printed[0]) as api:
        who = api.get("/hub/v1/whoami").expect(200).json
    assert who["user"] == "admin" and who["isSiteAdmin"] and who["role"] == "admin"

    server.restart(own_token=False)
    assert not TOKEN.search(server.log), "the token is shown once"
    with API(server.url, printed[0]) as api:
        api.get("/hub/v1/whoami").expect(200)


def test_a_given_token_is_taken_and_never_printed(server):
    server.start()
    assert server.token not in server.log
    with server.api() as api:
        assert api.get("/hub/v1/whoami").expect(200).json["user"] == "admin"


def test_a_later_given_token_changes_nothing(server):
    server.start()
    server.stop()
    first, server.token = server.token, "hf_" + "z" * 40
    server.start()
    with server.api() as api:
        api.get("/hub/v1/whoami").refused(401, "unauthenticated")
    with API(server.url, first) as api:
        api.get("/hub/v1/whoami").expect(200)


def test_a_first_start_that_cannot_keep_the_token_locks_nobody_out(server):
    """The token is on disk before the user exists; else a cut between the two would be for ever."""
    (server.data / "admin.token").mkdir(parents=True)
    with pytest.raises(NotStarted) as failure:
        server.start(own_token=False)
    assert "admin.token" in failure.value.log, failure.value.log
    (server.data / "admin.token").rmdir()
    server.start(own_token=False)
    token = (server.data / "admin.token").read_text().strip()
    with API(server.url, token) as api:
        api.get("/hub/v1/whoami").expect(200)


def test_the_root_is_made_as_its_page_says(server):
    server.start()
    assert (server.data / "FORMAT").read_text() == "grayling storage 1\n"
    for folder in ("blobs/sha256", "recipes/sha256"):
        assert sorted(p.name for p in (server.data / folder).iterdir()) == [f"{n:02x}" for n in range(256)]
    for name in ("uploads", "incoming", "trash", "quarantine"):
        assert (server.data / name).is_dir()
    assert (server.data / "lock").read_text().strip() == str(server.process.pid)


def test_listening_to_everybody_without_tls_is_warned_of(server):
    server.start(listen="0.0.0.0:0")
    assert re.search(r"warning", server.log, re.I) and re.search(r"TLS|https", server.log), server.log


def test_loopback_is_not_warned_of(server):
    server.start()
    assert not re.search(r"TLS", server.log), server.log
