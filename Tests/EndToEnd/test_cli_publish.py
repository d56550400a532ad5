"""`grayling publish` and `grayling pull`: folders, files and archives, there and back."""

import io
import os
import subprocess
import tarfile
import zipfile

import pytest

from kit.api import digest
from kit.content import bytes_of, read_folder, sha256_of, small_model, write_folder
from kit.wire import Relay


def test_a_folder_there_and_back(machine, repo, tmp_path):
    files = small_model()
    folder = write_folder(tmp_path / "whale", files)
    (folder / "run.sh").write_bytes(b"#!/bin/sh\n")
    os.chmod(folder / "run.sh", 0o755)
    out = machine("publish", folder, f"{repo}@1.0.0", "-m", "first weights").out
    assert f"published {repo}@1.0.0" in out and "digest: sha256:" in out
    shown = machine("show", f"{repo}@1.0.0", "--json").json
    assert shown["commit"] in out and shown["manifest"] in out and shown["message"].strip() == "first weights"

    machine("pull", f"{repo}@1.0.0", tmp_path / "back")
    assert read_folder(tmp_path / "back") == files | {"run.sh": b"#!/bin/sh\n"}
    assert os.stat(tmp_path / "back/run.sh").st_mode & 0o111 and not os.stat(tmp_path / "back/config.json").st_mode & 0o111
    assert "intact" in machine("verify", tmp_path / "back").out


def test_publish_answers_in_json(machine, repo, tmp_path):
    files = small_model(repo)
    answer = machine("publish", write_folder(tmp_path / "whale", files), f"{repo}@1.0.0", "--json").json
    assert answer["version"] == "1.0.0" and answer["wasNew"] and answer["files"] == len(files)
    assert answer["totalBytes"] == answer["sentBytes"] == sum(map(len, files.values()))


def test_a_single_file(machine, api, repo, tmp_path):
    (tmp_path / "model.gguf").write_bytes(b"GGUF" + bytes_of(5000, "gguf"))
    machine("publish", tmp_path / "model.gguf", repo)
    assert [f["path"] for f in api.pages(f"/hub/v1/models/{repo}/files")] == ["model.gguf"]


def test_an_unchanged_folder_sends_nothing(hub, machine, repo, tmp_path):
    folder = write_folder(tmp_path / "whale", small_model())
    machine("publish", folder, repo)
    with Relay(hub.url) as relay:
        again = machine("publish", folder, repo, "--json", GRAYLING_URL=relay.url).json
        assert again["wasNew"] is False and again["sentFiles"] == 0 and again["sentBytes"] == 0
        assert relay.sent < 5000 and relay.requests <= 3, f"{relay.sent} bytes in {relay.requests} requests"
    out = machine("publish", folder, repo).out
    assert "nothing has changed" in out


def test_only_the_difference_is_sent(machine, repo, tmp_path):
    folder = write_folder(tmp_path / "whale", small_model(repo))
    machine("publish", folder, f"{repo}@1.0.0")
    (folder / "config.json").write_text('{"hidden_size": 777}\n')
    second = machine("publish", folder, f"{repo}@1.1.0", "--json").json
    assert second["sentFiles"] == 1 and second["sentBytes"] == 21


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "tar.zst", "zip"])
def test_archives_are_published_as_their_files(machine, repo, tmp_path, ending):
    files = small_model() | {"späße/ü.txt": b"unicode"}
    folder = write_folder(tmp_path / "whale", files)
    archive = tmp_path / f"whale.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zip:
            for path in files:
                zip.write(folder / path, path)
    else:
        subprocess.run(["tar", "-C", folder, "-a", "-cf", archive, "."], check=True)
    machine("publish", archive, repo)
    machine("pull", repo, tmp_path / "back")
    assert read_folder(tmp_path / "back") == files

    same = machine("publish", folder, repo, "--json").json
    assert same["wasNew"] is False, "a folder and its archive are the same revision"


def test_an_archive_as_it_is(machine, api, repo, tmp_path):
    subprocess.run(["tar", "-C", write_folder(tmp_path / "whale", small_model()), "-cf", tmp_path / "whale.tar", "."], check=True)
    machine("publish", tmp_path / "whale.tar", repo, "--as-is")
    assert [f["path"] for f in api.pages(f"/hub/v1/models/{repo}/files")] == ["whale.tar"]


def tar_of(path, members):
    with tarfile.open(path, "w") as tar:
        for name, kind, value in members:
            info = tarfile.TarInfo(name)
            if kind == "file":
                info.size = len(value)
                tar.addfile(info, io.BytesIO(value))
            else:
                info.type = {"link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "fifo": tarfile.FIFOTYPE}[kind]
                info.linkname = value or ""
                tar.addfile(info)
    return path


@pytest.mark.parametrize("members", [
    [("../escape.txt", "file", b"x")], [("a/../../escape.txt", "file", b"x")], [("/etc/absolute.txt", "file", b"x")],
    [("link", "link", "/etc/passwd")], [("a/link", "link", "../../outside")], [("ok.txt", "file", b"x"), ("hard", "hard", "../ok.txt")],
    [("pipe", "fifo", None)], [("ok.txt", "file", b"x"), ("dangling", "link", "not-there")],
    [("x.txt", "file", b"x"), ("X.txt", "file", b"y")]],
    ids=["dotdot", "climbing", "absolute", "link-absolute", "link-out", "hard-link-out", "fifo", "dangling", "case-clash"])
def test_archives_that_escape_are_refused(machine, api, repo, tmp_path, members):
    archive = tar_of(tmp_path / "bad.tar", members)
    refused = machine.run("publish", archive, repo)
    assert refused.status == 1 and members[-1][0].split("/")[-1] in refused.err, refused.err
    api.get(f"/hub/v1/models/{repo}").refused(404, "unknown-repo")
    assert not (tmp_path / "escape.txt").exists()


def test_links_inside_an_archive_become_files(machine, api, repo, tmp_path):
    archive = tar_of(tmp_path / "links.tar", [("a/real.txt", "file", b"real"), ("b/soft", "link", "../a/real.txt"), ("hard", "hard", "a/real.txt")])
    machine("publish", archive, repo)
    assert {f["path"]: f["size"] for f in api.pages(f"/hub/v1/models/{repo}/files")} == {"a/real.txt": 4, "b/soft": 4, "hard": 4}


def test_a_zip_that_escapes_is_refused(machine, repo, tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as zip:
        zip.writestr("../escape.txt", "x")
    assert machine.run("publish", tmp_path / "bad.zip", repo).status == 1


def test_a_broken_archive_is_refused(machine, repo, tmp_path):
    subprocess.run(["tar", "-C", write_folder(tmp_path / "whale", small_model()), "-czf", tmp_path / "whale.tar.gz", "."], check=True)
    whole = (tmp_path / "whale.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "noise.zip").write_bytes(bytes_of(9999, "noise"))
    for name in ("cut.tar.gz", "noise.zip"):
        refused = machine.run("publish", tmp_path / name, repo)
        assert refused.status == 1 and name in refused.err, refused.err


def test_ignore_rules(machine, api, repo, tmp_path):
    write_folder(tmp_path / "whale", {
        ".graylingignore": "*.tmp\n/build/\n!keep.tmp\nlogs/**/*.log\n# a comment\n", "a.txt": "1", "b.tmp": "2", "keep.tmp": "3",
        "build/out.bin": "4", "src/build/kept.bin": "5", "logs/x/y.log": "6", "logs/z.txt": "7", ".git/HEAD": "8", "__pycache__/m.pyc": "9",
        ".DS_Store": "10", "sub/.grayling/lock.json": "11"})
    machine("publish", tmp_path / "whale", repo)
    assert {f["path"] for f in api.pages(f"/hub/v1/models/{repo}/files")} == {".graylingignore", "a.txt", "keep.tmp", "src/build/kept.bin", "logs/z.txt"}


def test_what_cannot_be_published_is_named(machine, repo, tmp_path):
    folder = write_folder(tmp_path / "whale", {"a.txt": "x"})
    os.symlink("nowhere", folder / "dangling")
    refused = machine.run("publish", folder, repo)
    assert refused.status == 1 and "dangling" in refused.err
    (folder / "dangling").unlink()
    os.mkfifo(folder / "pipe")
    refused = machine.run("publish", folder, repo)
    assert refused.status == 1 and "pipe" in refused.err
    (tmp_path / "empty").mkdir()
    assert machine.run("publish", tmp_path / "empty", repo).status == 1
    assert machine.run("publish", tmp_path / "absent", repo).status == 1


def test_pull_goes_on_keeps_and_replaces(machine, repo, tmp_path):
    files = small_model()
    machine("publish", write_folder(tmp_path / "whale", files), repo)
    back = tmp_path / "back"
    machine("pull", repo, back)
    (back / "notes.txt").write_text("mine")
    (back / "config.json").write_text("changed")
    (back / "README.md").unlink()
    again = machine("pull", repo, back, "--json").json
    assert again["kept"] == len(files) - 2 and again["fetched"] == 2
    assert read_folder(back) == files | {"notes.txt": b"mine"}


def test_a_pull_that_was_cut_goes_on(hub, machine, repo, tmp_path):
    data = bytes_of(40 << 20, "cut pull")
    (tmp_path / "weights.bin").write_bytes(data)
    machine("publish", tmp_path / "weights.bin", repo)
    with Relay(hub.url) as relay:
        pulling = machine.spawn("pull", repo, tmp_path / "back", GRAYLING_URL=relay.url)
        while not any(p.stat().st_blocks > 2000 for p in (tmp_path / "back").rglob("*") if p.is_file()) and pulling.poll() is None:
            pass
        pulling.kill()
        pulling.communicate()
    assert not (tmp_path / "back/weights.bin").exists(), "a file has its name only when it is whole"
    machine("pull", repo, tmp_path / "back")
    assert sha256_of(tmp_path / "back/weights.bin") == digest(data)[7:]
    assert read_folder(tmp_path / "back").keys() == {"weights.bin"}, "nothing half done is left"


@pytest.mark.parametrize("format", ["tar", "zip"])
def test_a_pull_as_an_archive(machine, repo, tmp_path, format):
    files = small_model()
    machine("publish", write_folder(tmp_path / "whale", files), repo)
    stream = machine("pull", repo, f"--{format}").raw
    machine("pull", repo, f"--{format}", "-o", tmp_path / "whale.archive")
    assert (tmp_path / "whale.archive").read_bytes() == stream, "the same revision gives the same archive"
    if format == "tar":
        with tarfile.open(fileobj=io.BytesIO(stream)) as tar:
            found = {m.name.removeprefix("./"): tar.extractfile(m).read() for m in tar if m.isfile()}
    else:
        with zipfile.ZipFile(io.BytesIO(stream)) as zip:
            found = {n: zip.read(n) for n in zip.namelist() if not n.endswith("/")}
    assert {k.removeprefix("whale/"): v for k, v in found.items() if ".grayling" not in k} == files


def test_a_cache_shares_what_is_there(machine, repo, tmp_path):
    files = small_model()
    machine("publish", write_folder(tmp_path / "whale", files), repo)
    machine("pull", repo, tmp_path / "one", "--cache", tmp_path / "cache")
    second = machine("pull", repo, tmp_path / "two", "--cache", tmp_path / "cache", "--link", "--json").json
    assert second["fetchedBytes"] == 0
    assert read_folder(tmp_path / "two") == files
    assert os.stat(tmp_path / "two/model.safetensors").st_nlink > 1


def test_verify_finds_what_is_wrong(machine, repo, tmp_path):
    machine("publish", write_folder(tmp_path / "whale", small_model()), repo)
    back = tmp_path / "back"
    machine("pull", repo, back)
    with open(back / "model.safetensors", "r+b") as file:
        file.seek(1000)
        byte = file.read(1)
        file.seek(1000)
        file.write(bytes([byte[0] ^ 1]))
    (back / "README.md").unlink()
    (back / "more.txt").write_text("x")
    found = machine.run("verify", back, "--json")
    assert found.status == 1
    assert found.json["missing"] == ["README.md"] and [c["path"] for c in found.json["changed"]] == ["model.safetensors"] and found.json["extra"] == ["more.txt"]
    text = machine.run("verify", back)
    assert text.status == 1 and "damaged" in text.out and "model.safetensors" in text.out
    machine("pull", repo, back)
    assert machine("verify", back, GRAYLING_URL="http://127.0.0.1:1").status == 0, "verify needs no server"
    assert machine.run("verify", tmp_path / "whale").status == 1
