"""Runs last: of all that was logged by all servers, no line holds a secret."""

import re

import pytest

from conftest import SECRETS, SERVERS


@pytest.mark.last
def test_no_log_holds_a_secret():
    assert SERVERS and SECRETS
    for server in SERVERS:
        if not server.log_file.exists():
            continue
        log = server.whole_log
        for secret in SECRETS:
            assert secret not in log, f"{server.log_file} holds a token"
        assert not re.search(r"\bBearer \S{8}", log), server.log_file
        assert "authorization" not in log.lower(), server.log_file
        # The first token of a first start is printed once, and only there.
        assert len(re.findall(r"hf_[A-Za-z0-9]{40}", log)) <= 1, server.log_file
