"""After all the others: what they left is whole."""

import pytest


@pytest.mark.last
@pytest.mark.timeout(240)
def test_the_store_is_sound(server):
    with server.api(timeout=200) as admin:
        report = admin.verify_store()
    assert not report["missing"] and not report["damaged"] and report["chainIntact"] and not report["problems"], report
    assert report["blobs"] > 100


@pytest.mark.last
def test_no_log_holds_a_secret(server):
    from conftest import STAGE

    log = server.whole_log
    assert log
    for secret in (server.token, *STAGE.secrets.values()):
        assert secret not in log
