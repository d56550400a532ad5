"""Ids are genuine: real git, given the same content, says the same."""

import os
import shutil
import subprocess

import pytest

from kit.content import bytes_of, small_model, write_folder


def git(folder, *arguments, input=None):
    env = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "HOME": str(folder)}
    return subprocess.run(["git", *arguments], cwd=folder, env=env, input=input, check=True, capture_output=True).stdout.decode().strip()


def tree_of(folder):
    git(folder, "init", "-q")
    git(folder, "config", "core.fileMode", "true")
    git(folder, "add", "-A", "-f", ".")
    return git(folder, "write-tree")


def test_a_folder_of_small_files(machine, repo, tmp_path):
    folder = write_folder(tmp_path / "whale", small_model() | {"z/a": b"", "z.b": b"x", "späße": b"\xff\x00", "z/b/c/d": b"deep"})
    os.chmod(folder / "z.b", 0o755)
    shown = machine("publish", folder, repo, "--json").json["revision"]
    assert shown["tree"] == tree_of(folder)


@pytest.mark.skipif(not shutil.which("git-lfs"), reason="git-lfs is not installed")
def test_large_files_are_lfs_pointers(machine, api, repo, tmp_path):
    folder = write_folder(tmp_path / "whale", {
        "just-below.bin": bytes_of((10 << 20) - 1, "below"), "model.bin": bytes_of(10 << 20, "at"), "small.txt": b"small"})
    shown = machine("publish", folder, repo, "--json").json["revision"]
    assert {f["path"]: f["storage"] for f in api.pages(f"/hub/v1/models/{repo}/files")} == {
        "just-below.bin": "regular", "model.bin": "lfs", "small.txt": "regular"}
    git(folder, "init", "-q")
    git(folder, "lfs", "install", "--local")
    (folder / ".git/info/attributes").write_text("model.bin filter=lfs diff=lfs merge=lfs -text\n")
    assert shown["tree"] == tree_of(folder)


@pytest.mark.skipif(not shutil.which("git-lfs"), reason="git-lfs is not installed")
def test_gitattributes_decide(machine, api, repo, tmp_path):
    folder = write_folder(tmp_path / "whale", {
        ".gitattributes": "*.safetensors filter=lfs diff=lfs merge=lfs -text\nexempt.safetensors !filter !diff !merge text\n",
        "model.safetensors": b"small, and still LFS", "exempt.safetensors": b"regular", "a.txt": b"regular too"})
    shown = machine("publish", folder, repo, "--json").json["revision"]
    storage = {f["path"]: f["storage"] for f in api.pages(f"/hub/v1/models/{repo}/files")}
    assert storage["model.safetensors"] == "lfs" and storage["exempt.safetensors"] == "regular" and storage["a.txt"] == "regular"
    git(folder, "init", "-q")
    git(folder, "lfs", "install", "--local")
    assert shown["tree"] == tree_of(folder)


def test_commits_are_those_that_git_makes(api, repo, tmp_path):
    when = 1_700_000_000
    who = {"authorName": "A. Whale", "authorEmail": "whale@example.com", "date": when}
    first = api.publish(repo, {"a.txt": b"one\n"}, message="first\n\nwith a body", **who)
    second = api.publish(repo, {"a.txt": b"two\n"}, message="second", **{**who, "date": when + 60})
    folder = tmp_path / "git"
    folder.mkdir()
    git(folder, "init", "-q")
    parents = []
    for revision, data, message, date in ((first, b"one\n", "first\n\nwith a body", when), (second, b"two\n", "second", when + 60)):
        (folder / "a.txt").write_bytes(data)
        tree = tree_of(folder)
        assert revision["tree"] == tree
        stamp = f"A. Whale <whale@example.com> {date} +0000"
        candidates = set()
        for ending in ("", "\n"):
            raw = f"tree {tree}\n" + "".join(f"parent {p}\n" for p in parents) + f"author {stamp}\ncommitter {stamp}\n\n{message}{ending}"
            candidates.add(git(folder, "hash-object", "-t", "commit", "-w", "--stdin", input=raw.encode()))
        assert revision["commit"] in candidates and revision["parents"] == parents
        parents = [revision["commit"]]


def test_an_unchanged_folder_is_stored_once(server):
    from kit import catalog

    server.start()
    with server.api() as api:
        for i in range(5):
            api.publish("acme/whale", {"same/a.txt": b"1", "same/deep/b.txt": b"2", "changes.txt": f"{i}".encode()})
    server.stop()
    # Root five times, and the two folders inside once each.
    assert catalog.count(server.data, "tree") == 7
