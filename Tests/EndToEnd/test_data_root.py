"""A data root is refused, with a sentence that says what to do, when using it would harm."""

import pytest

from kit import catalog
from kit.server import NotStarted


def refused(server, **options):
    with pytest.raises(NotStarted) as failure:
        server.start(**options)
    assert failure.value.status not in (0, None) and failure.value.status > 0, failure.value
    return failure.value.log


def test_a_root_in_use(server, new_server):
    server.start()
    log = refused(new_server("second", data=server.data))
    assert str(server.process.pid) in log and "in use" in log and "stop" in log, log
    with server.api() as api:
        api.get("/hub/v1/whoami").expect(200)


def test_a_root_of_a_newer_format(server):
    server.start()
    server.stop()
    (server.data / "FORMAT").write_text("grayling storage 2\n")
    before = sorted(p.relative_to(server.data) for p in server.data.rglob("*"))
    log = refused(server)
    assert "grayling storage 2" in log and "newer" in log, log
    assert sorted(p.relative_to(server.data) for p in server.data.rglob("*")) == before


def test_a_root_of_a_newer_schema(server):
    server.start()
    server.stop()
    with catalog.opened(server.data) as db:
        number = db.execute("SELECT max(number) FROM schema_migration").fetchone()[0]
        db.execute("INSERT INTO schema_migration VALUES (?, '9999_future')", [number + 1])
    log = refused(server)
    assert "9999_future" in log and "newer" in log, log
    with catalog.opened(server.data) as db:
        db.execute("DELETE FROM schema_migration WHERE name = '9999_future'")
    server.start()


def test_a_folder_with_somebody_elses_files(server):
    server.data.mkdir()
    (server.data / "thesis.doc").write_text("mine")
    log = refused(server)
    assert "thesis.doc" in log and "empty" in log, log
    assert [p.name for p in server.data.iterdir()] == ["thesis.doc"]


def test_a_file_instead_of_a_folder(server):
    server.data.write_text("not a folder")
    assert str(server.data) in refused(server)


def test_a_killed_server_leaves_no_lock_behind(server):
    server.start()
    server.kill()
    server.start()
