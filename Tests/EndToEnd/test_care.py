"""Collecting, verifying, backing up: safe while people publish."""

import os
import threading
import time

import pytest

from kit import catalog
from kit.api import API, digest
from kit.cli import Machine
from kit.content import bytes_of, read_folder, small_model, write_folder
from kit.server import bytes_on_disk


def blob_path(server, data):
    hex = digest(data)[7:]
    return server.data / "blobs/sha256" / hex[:2] / hex


def aged(server):
    """The same server, a day later."""
    server.stop()
    catalog.end_leases(server.data)
    return server.start()


def collect(server, dry=False, grace=0):
    with server.api() as api:
        return api.post("/hub/v1/care/collect", as_json={"dryRun": dry, "graceSeconds": grace}).expect(200).json


def test_collect_takes_what_nothing_needs_and_a_dry_run_says_so_before(server):
    server.start()
    kept, gone, sent = bytes_of(400_000, "kept"), bytes_of(500_000, "gone"), bytes_of(600_000, "sent")
    with server.api() as api:
        api.publish("acme/kept", {"a.bin": kept, "shared.bin": b"in both"})
        api.publish("acme/gone", {"a.bin": gone, "shared.bin": b"in both"})
        api.put_blob(sent)
        api.delete("/hub/v1/models/acme/gone").expect(204)
    assert collect(server)["condemned"] == [], "what was just sent is leased"
    aged(server)
    assert collect(server, dry=True, grace=3600)["condemned"] == [], "what is young is spared"
    plan = collect(server, dry=True)
    assert set(plan["condemned"]) == {digest(gone), digest(sent)} and plan["condemnedBytes"] == 1_100_000
    assert blob_path(server, gone).exists(), "a dry run changes nothing"
    done = collect(server)
    assert set(done["condemned"]) == set(plan["condemned"]), "the plan is what the real run carries out"
    assert not blob_path(server, gone).exists() and (server.data / "trash" / digest(gone)[7:]).exists()
    with server.api() as api:
        assert api.resolve("acme/kept", "main", "a.bin").expect(200).body == kept
        assert api.resolve("acme/kept", "main", "shared.bin").expect(200).body == b"in both"
    time.sleep(0.01)
    assert collect(server)["purged"] == 2 and os.listdir(server.data / "trash") == []
    with server.api() as api:
        report = api.verify_store()
    assert not report["missing"] and not report["damaged"] and report["chainIntact"] and not report["problems"]


def test_what_lies_in_the_trash_can_be_sent_again(server):
    server.start()
    data = bytes_of(300_000, "back again")
    with server.api() as api:
        api.put_blob(data).expect(201)
    aged(server)
    assert collect(server)["condemned"] == [digest(data)]
    with server.api() as api:
        api.publish("acme/again", {"a.bin": data})
        time.sleep(0.01)
        collect(server)
        assert api.resolve("acme/again", "main", "a.bin").expect(200).body == data


def test_locks_and_lineage_protect(server, tmp_path):
    server.start()
    machine = Machine(tmp_path / "machine", server.url, server.token)
    parent, pinned = bytes_of(100_000, "parent"), bytes_of(100_000, "pinned")
    with server.api() as api:
        api.publish("acme/parent", {"a.bin": parent}, version="1")
        api.publish("acme/child", {"b.bin": b"child"}, bases=["acme/parent@1:finetune"])
        api.publish("acme/pinned", {"c.bin": pinned}, version="1")
    (tmp_path / "deploy.yaml").write_text(
        "apiVersion: grayling/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  models:\n    - model: acme/pinned\n      version: '1'\n")
    machine("pin", cwd=tmp_path)
    with server.api() as api:
        refused = api.delete("/hub/v1/models/acme/parent").refused(409, "protected")
        assert "acme/child" in refused.json["detail"]
        api.delete("/hub/v1/models/acme/pinned").refused(409, "protected")
    aged(server)
    assert collect(server)["condemned"] == []
    with server.api() as api:
        api.delete("/hub/v1/models/acme/child").expect(204)
        api.delete("/hub/v1/models/acme/parent").expect(204)
    assert set(collect(server)["condemned"]) == {digest(parent), digest(b"child")}
    assert blob_path(server, pinned).exists()


def test_collect_refuses_when_a_parent_is_missing(server):
    server.start()
    with server.api() as api:
        api.publish("acme/whale", {"a.txt": b"1"})
        api.publish("acme/whale", {"a.txt": b"2"})
    server.stop()
    with catalog.opened(server.data) as db:
        db.execute("DELETE FROM revision_parent")
    server.start()
    with server.api() as api:
        api.post("/hub/v1/care/collect", as_json={"graceSeconds": 0}).refused(500, "storage-damaged")


def test_collecting_beside_publishers_loses_nothing(server):
    server.start()
    stop, failures, acknowledged = threading.Event(), [], []

    def publish(number):
        try:
            with server.api() as api:
                for round in range(1000):
                    if stop.is_set():
                        return
                    # The same few contents again and again: the hard case for a collector.
                    files = {f"{i}.bin": bytes_of(20_000, f"shared {(round + i) % 5}") for i in range(3)}
                    name = f"acme/busy-{number}-{round}"
                    api.publish(name, files)
                    if round % 2:
                        api.delete(f"/hub/v1/models/{name}").expect(204)
                    else:
                        acknowledged.append((name, files))
        except Exception as error:
            failures.append(error)

    crew = [threading.Thread(target=publish, args=(n,)) for n in range(3)]
    for worker in crew:
        worker.start()
    for _ in range(30):
        collect(server)
    stop.set()
    for worker in crew:
        worker.join()
    assert not failures, failures
    with server.api() as api:
        for name, files in acknowledged:
            for path, data in files.items():
                assert api.resolve(name, "main", path).expect(200).body == data
        assert api.verify_store()["missing"] == []


def test_damage_is_found_put_aside_and_healed(server, tmp_path):
    server.start()
    machine = Machine(tmp_path / "machine", server.url, server.token)
    files = small_model()
    folder = write_folder(tmp_path / "whale", files)
    machine("publish", folder, "acme/whale@1.0.0")
    assert "intact" in machine("verify", "--store").out
    victim = blob_path(server, files["model.safetensors"])
    os.chmod(victim, 0o644)
    with open(victim, "r+b") as file:
        file.seek(5000)
        file.write(b"\0rot\0")
    lost = blob_path(server, files["config.json"])
    lost.unlink()

    found = machine.run("verify", "--store", "--json")
    assert found.status == 1
    report = found.lines[-1]
    assert report["damaged"] == [digest(files["model.safetensors"])]
    assert digest(files["config.json"]) in report["missing"]
    assert (server.data / "quarantine" / victim.name).exists(), "put aside, not deleted"
    with server.api() as api:
        answer = api.resolve("acme/whale", "main", "model.safetensors")
        assert answer.status >= 400 and answer.code in ("unknown-blob", "storage-damaged"), answer.body

    machine("publish", folder, "acme/whale")
    assert machine("verify", "--store", "--json").lines[-1]["missing"] == []
    machine("pull", "acme/whale@1.0.0", tmp_path / "back")
    assert read_folder(tmp_path / "back") == files


def test_a_tampered_event_is_noticed(server):
    server.start()
    with server.api() as api:
        api.publish("acme/whale", {"a.txt": b"1"})
    server.stop()
    with catalog.opened(server.data) as db:
        db.execute("DROP TRIGGER event_is_fixed")
        db.execute("UPDATE event SET actor = 'mallory' WHERE sequence = 2")
    server.start()
    with server.api() as api:
        report = api.verify_store()
    assert report["chainIntact"] is False and any("2" in p for p in report["problems"])


def test_backup_and_restore_while_people_publish(server, new_server, tmp_path):
    server.start()
    machine = Machine(tmp_path / "machine", server.url, server.token)
    stop, acknowledged = threading.Event(), []

    def publish():
        with server.api() as api:
            for i in range(10_000):
                if stop.is_set():
                    return
                files = {"a.bin": bytes_of(50_000, i), "b.txt": f"{i}".encode()}
                api.publish(f"acme/model-{i}", files, version="1")
                acknowledged.append((f"acme/model-{i}", files))

    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        while len(acknowledged) < 5:
            time.sleep(0.01)
        backup = tmp_path / "backup"
        before = len(acknowledged)
        first = machine("backup", backup, "--json").lines[-1]
        assert first["copied"] == first["blobs"] >= 2 * before
        while len(acknowledged) < before + 5:
            time.sleep(0.01)
        between = len(acknowledged)
        second = machine("backup", backup, "--json").lines[-1]
        assert second["copied"] < second["blobs"], "blobs that were there are not copied again"
    finally:
        stop.set()
        publisher.join()
    server.stop()

    machine("restore", backup, "--data", tmp_path / "restored")
    restored = new_server("restored-server", data=tmp_path / "restored", token=server.token).start()
    with restored.api() as api:
        for name, files in acknowledged[:between]:
            for path, data in files.items():
                assert api.resolve(name, "1", path).expect(200).body == data
        report = api.verify_store()
        assert not report["missing"] and not report["damaged"] and not report["problems"] and report["chainIntact"]
        api.publish("acme/after", {"a.txt": b"life goes on"})
    refused = machine.run("restore", backup, "--data", tmp_path / "restored")
    assert refused.status == 1 and str(tmp_path / "restored") in refused.err


def test_a_damaged_backup_is_not_restored(server, tmp_path):
    server.start()
    machine = Machine(tmp_path / "machine", server.url, server.token)
    data = bytes_of(100_000, "backed up")
    with server.api() as api:
        api.publish("acme/whale", {"a.bin": data})
    machine("backup", tmp_path / "backup")
    blob = next((tmp_path / "backup").rglob(digest(data)[7:]))
    os.chmod(blob, 0o644)
    blob.write_bytes(data[:-1] + b"?")
    refused = machine.run("restore", tmp_path / "backup", "--data", tmp_path / "restored")
    assert refused.status == 1 and digest(data)[7:] in refused.err + refused.out, refused.err


def test_a_backup_goes_elsewhere(server, tmp_path):
    server.start()
    machine = Machine(tmp_path / "machine", server.url, server.token)
    refused = machine.run("backup", server.data)
    assert refused.status == 1, "a backup cannot go into the data root itself"


def test_doctor(server, tmp_path):
    server.start()
    machine = Machine(tmp_path / "machine")
    busy = machine.run("doctor", "--data", server.data)
    assert busy.status == 1 and "in use" in busy.out, busy.out
    with server.api() as api:
        api.publish("acme/whale", {"a.txt": b"1"})
    server.stop()
    assert all(f["isWell"] for f in machine("doctor", "--data", server.data, "--json").json)
    with catalog.opened(server.data) as db:
        db.execute("DROP TRIGGER event_is_fixed")
        db.execute("UPDATE event SET actor = 'mallory' WHERE sequence = 2")
    ill = machine.run("doctor", "--data", server.data)
    assert ill.status == 1 and "event" in ill.out
    assert machine.run("doctor", "--data", tmp_path / "absent").status == 1 and not (tmp_path / "absent").exists()


def test_care_is_for_the_admin(server):
    server.start()
    with server.api() as api:
        made = api.post("/hub/v1/tokens", as_json={"name": "t", "role": "admin", "user": "somebody"}).expect(201).json
    with API(server.url, made["secret"]) as somebody:
        for call in ("collect", "verify", "backup"):
            somebody.post(f"/hub/v1/care/{call}", as_json={"folder": "/nonexistent"}).refused(403, "not-permitted")
    with API(server.url) as stranger:
        stranger.post("/hub/v1/care/collect", as_json={}).refused(401, "unauthenticated")


def test_identical_content_is_stored_once(server):
    server.start()
    data = bytes_of(5_000_000, "once")
    with server.api() as api:
        api.publish("acme/first", {"a.bin": data})
        before = bytes_on_disk(server.data / "blobs")
        api.publish("acme/second", {"x/y.bin": data, "z.bin": data})
        assert bytes_on_disk(server.data / "blobs") - before < 100_000


# Three bytes as huggingface's client packs them: one stored chunk behind its header.
XORB = bytes.fromhex("0003000000030000000102")
XORB_NAME = "2c893fb7715984e2acfab1ad821406626572e5971065f2fd398482c8c35c0182"


def test_uploads_are_remembered_for_xet_clients_until_told_otherwise(server, tmp_path):
    server.start()
    machine = Machine(tmp_path / "machine", server.url, server.token)
    with server.api() as api:
        api.post("/api/repos/create", as_json={"name": "whale"}).expect(200)

        def store():
            token = api.get("/api/models/admin/whale/xet-write-token/main").expect(200).json
            return token["casUrl"].removeprefix(server.url), {"Authorization": f"Bearer {token['accessToken']}"}

        def is_known(place, headers):
            return api.request("HEAD", f"{place}/v1/xorbs/default/{XORB_NAME}", headers=headers).status == 200

        place, headers = store()
        assert api.request("POST", f"{place}/v1/xorbs/default/{XORB_NAME}", body=XORB, headers=headers).expect(200).json == {"was_inserted": True}
        time.sleep(0.05)
        assert machine("collect", "--grace", "0", "--json").json["xorbs"] == 0
        assert is_known(place, headers) and store()[0] == place

        report = machine("collect", "--grace", "0", "--forget-uploads", "--dry-run", "--json").json
        assert report["xorbs"] == 1 and is_known(place, headers)
        assert machine("collect", "--grace", "0", "--forget-uploads", "--json").json["xorbs"] == 1
        fresh, headers = store()
        assert fresh != place, "clients remember by address, so it has to be another one"
        assert not is_known(fresh, headers)
        assert api.request("POST", f"{fresh}/v1/xorbs/default/{XORB_NAME}", body=XORB, headers=headers).expect(200).json == {"was_inserted": True}
