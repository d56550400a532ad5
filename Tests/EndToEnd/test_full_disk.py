"""A disk that is full is said so, and nothing that was there suffers."""

import contextlib
import os
import resource
import shutil
import subprocess
import tempfile

import pytest

from kit.api import digest
from kit.content import bytes_of


@contextlib.contextmanager
def small_disk(folder, megabytes):
    """A file system of its own; None where mounting is not permitted."""
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], capture_output=True)
    if done.returncode != 0:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(api, size):
    """Sends blobs until one is refused; returns those that were kept and the refusal."""
    kept = []
    for i in range(1000):
        data = bytes_of(size, f"fill {i}")
        answer = api.put_blob(data)
        if answer.status != 201:
            return kept, answer
        kept.append(data)
    raise AssertionError("the disk never became full")


def fill_up(path):
    """Takes what room is left, to the last block."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as ballast:
        while ballast.write(bytes(4096)):
            pass


def still_whole(api, kept, files):
    for path, data in files.items():
        assert api.resolve("acme/before", "main", path).expect(200).body == data
    for data in kept:
        assert api.get(f"/hub/v1/blobs/{digest(data)}").expect(200).body == data
    report = api.verify_store()
    assert not report["damaged"] and not report["missing"] and not report["problems"]


FILES = {"a.bin": bytes_of(1_000_000, "before"), "b.txt": b"small"}


def test_a_full_disk(server, tmp_path):
    with small_disk(tmp_path / "disk", 40) as disk:
        if disk is None:
            pytest.skip("mounting needs root; the size-limited stand-in is tested below")
        server.data = disk / "data"
        server.start()
        with server.api() as api:
            api.publish("acme/before", FILES)
            kept, refused = fill(api, 4_000_000)
            refused.refused(507, "storage-full")
            assert "disk" in refused.json["detail"] and "full" in refused.json["detail"]
            assert os.listdir(server.data / "incoming") == []
            upload = api.post("/hub/v1/uploads", as_json={"digest": digest(b"x"), "size": 33 << 20})
            if upload.status == 201:
                part = api.put(f"/hub/v1/uploads/{upload.json['id']}/parts/0", body=bytes(32 << 20))
                part.refused(507, "storage-full")
                api.delete(f"/hub/v1/uploads/{upload.json['id']}").expect(204)
            else:
                upload.refused(507, "storage-full")
            batch = api.put_blobs([bytes_of(1_000_000, f"batch {i}") for i in range(8)])
            assert batch.status in (201, 507)
            for path, data in FILES.items():
                assert api.resolve("acme/before", "main", path).expect(200).body == data
        # To the last byte: not even the catalog can grow now.
        fill_up(disk / "ballast")
        with server.api() as api:
            answer = api.commit("acme/after", {"c.bin": kept[0]}, version="1")
            assert answer.status in (201, 507), answer.body
            for path, data in FILES.items():
                assert api.resolve("acme/before", "main", path).expect(200).body == data
            assert api.get("/readyz").status in (200, 503)
        os.remove(disk / "ballast")
        for name in list((server.data / "trash").iterdir()):
            name.unlink()
        subprocess.run(["mount", "-o", "remount,size=80m", disk], check=True)
        with server.api() as api:
            still_whole(api, kept, FILES)
            api.publish("acme/room-again", {"c.bin": bytes_of(4_000_000, "room again")})
        assert server.restart()
        with server.api() as api:
            still_whole(api, kept, FILES)


def test_a_full_disk_at_the_start(server, tmp_path):
    with small_disk(tmp_path / "disk", 1) as disk:
        if disk is None:
            pytest.skip("mounting needs root")
        fill_up(disk / "ballast")
        server.data = disk / "data"
        from kit.server import NotStarted

        with pytest.raises(NotStarted) as refused:
            server.start()
        assert refused.value.status and refused.value.status > 0 and "full" in refused.value.log, refused.value.log


def test_a_file_that_may_not_grow(server):
    """The stand-in that needs no mounting: no file of the server may exceed 3 MiB."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20))

    server.start(preexec=limit)
    with server.api() as api:
        api.publish("acme/before", FILES)
        answer = api.put_blob(bytes_of(8_000_000, "too large to write"))
        assert answer.status in (500, 507), answer.body
        assert server.is_running, "a write beyond the limit is an error, not the end"
        assert os.listdir(server.data / "incoming") == []
        still_whole(api, [], FILES)
        api.publish("acme/after", {"c.bin": bytes_of(1_000_000, "small enough")})
