"""The `hf` command, from an empty home."""

import pathlib

import pytest

from kit.content import bytes_of, read_folder, write_folder


@pytest.fixture
def alices(person):
    """Alice at a computer of her own."""
    return person()


@pytest.fixture
def files(repo):
    return {"README.md": b"---\nlicense: mit\n---\n# hi\n", "config.json": b"{}", "sub/vocab.txt": b"a\nb\n",
            "w.safetensors": bytes_of(300_000, repo)}


def test_upload_and_download_a_folder(alices, person, repo, files):
    alices.hf("upload", repo, write_folder(alices.folder / "f", files))
    other = person()
    other.hf("download", repo, "--local-dir", "got")
    got = read_folder(other.folder / "got")
    assert {path: data for path, data in got.items() if path in files} == files


def test_upload_makes_the_repo_and_takes_one_that_is_there(alices, alice, repo, files):
    folder = write_folder(alices.folder / "f", files)
    alices.hf("upload", repo, folder / "config.json", "one.json", "--private", "--commit-message", "By command")
    assert alice.model_info(repo).private is True
    assert alice.list_repo_commits(repo)[0].title == "By command"
    alices.hf("upload", repo, folder, "under", "--include", "*.json", "--include", "*.txt", "--exclude", "sub/*")
    assert set(alice.list_repo_files(repo)) - {".gitattributes"} == {"one.json", "under/config.json"}


def test_upload_of_a_dataset(alices, alice, repo, files):
    alices.hf("upload", repo, write_folder(alices.folder / "f", files), "--repo-type", "dataset")
    assert set(files) <= set(alice.list_repo_files(repo, repo_type="dataset"))


def test_upload_to_a_new_branch(alices, alice, repo, files):
    alice.create_repo(repo)
    alices.hf("upload", repo, write_folder(alices.folder / "f", files), "--revision", "next")
    assert set(files) <= set(alice.list_repo_files(repo, revision="next"))
    assert not alice.file_exists(repo, "config.json")


def test_upload_with_delete(alices, alice, repo, files):
    alices.hf("upload", repo, write_folder(alices.folder / "f", files))
    alices.hf("upload", repo, write_folder(alices.folder / "g", {"new.txt": b"n"}), "--delete", "*.json", "--delete", "sub/*")
    assert set(alice.list_repo_files(repo)) - {".gitattributes"} == {"README.md", "w.safetensors", "new.txt"}


def test_download_some(alices, alice, repo, files):
    alices.hf("upload", repo, write_folder(alices.folder / "f", files))
    alices.hf("download", repo, "config.json", "sub/vocab.txt", "--local-dir", "two")
    assert set(read_folder(alices.folder / "two")) - {p for p in read_folder(alices.folder / "two") if p.startswith(".cache")} == {
        "config.json", "sub/vocab.txt"}
    done = alices.hf("download", repo, "--include", "*.safetensors", "--quiet")
    assert [p.name for p in pathlib.Path(done.out.strip()).iterdir()] == ["w.safetensors"]


def test_download_of_a_pinned_revision(alices, alice, repo):
    alice.create_repo(repo)
    old = alice.upload_file(path_or_fileobj=b"old", path_in_repo="a.txt", repo_id=repo).oid
    alice.upload_file(path_or_fileobj=b"new", path_in_repo="a.txt", repo_id=repo)
    done = alices.hf("download", repo, "a.txt", "--revision", old, "--quiet")
    with open(done.out.strip(), "rb") as file:
        assert file.read() == b"old"


def test_download_of_what_is_not_there_says_so(alices, alice, repo):
    missing = alices.try_hf("download", "alice/never-was")
    assert missing.status != 0 and "not found" in (missing.out + missing.err).lower()
    alice.create_repo(repo)
    for arguments in ((repo, "never.txt"), (repo, "--revision", "no-such")):
        refused = alices.try_hf("download", *arguments)
        assert refused.status != 0 and "not found" in (refused.out + refused.err).lower(), arguments
        assert "Traceback" not in refused.err, refused.err


def test_repos_create_and_delete(alices, alice, repo):
    alices.hf("repos", "create", repo, "--private")
    assert alice.model_info(repo).private is True
    assert alices.try_hf("repos", "create", repo).status != 0
    alices.hf("repos", "create", repo, "--exist-ok")
    alices.hf("repos", "delete", repo, "--yes")
    assert not alice.repo_exists(repo)


def test_repos_settings_and_move(alices, alice, as_user, repo):
    alice.create_repo(repo)
    alices.hf("repos", "settings", repo, "--private")
    assert not as_user(None).repo_exists(repo)
    alices.hf("repos", "move", repo, f"{repo}-moved")
    assert alice.model_info(f"{repo}-moved").private is True


def test_repos_branch_and_tag(alices, alice, repo):
    alice.create_repo(repo)
    alices.hf("repos", "branch", "create", repo, "dev")
    alices.hf("repos", "tag", "create", repo, "v1.0", "-m", "First", "--revision", "dev")
    assert "v1.0" in alices.hf("repos", "tag", "list", repo).out
    assert {b.name for b in alice.list_repo_refs(repo).branches} == {"main", "dev"}
    refused = alices.try_hf("repos", "tag", "delete", repo, "v1.0", "--yes")
    assert refused.status != 0 and "version" in refused.out + refused.err, "tags are versions, which never disappear"
    alices.hf("repos", "branch", "delete", repo, "dev")
    refs = alice.list_repo_refs(repo)
    assert ([b.name for b in refs.branches], [t.name for t in refs.tags]) == (["main"], ["v1.0"])


def test_repos_delete_files(alices, alice, repo, files):
    alices.hf("upload", repo, write_folder(alices.folder / "f", files))
    alices.hf("repos", "delete-files", repo, "*.json", "sub/*")
    assert set(alice.list_repo_files(repo)) - {".gitattributes"} == {"README.md", "w.safetensors"}


def test_models_ls(alices, alice, repo):
    alice.create_repo(repo)
    found = alices.hf("models", "ls", "--author", "alice", "--search", repo.split("/")[1], "--format", "json").json
    assert [item["id"] for item in found] == [repo]
    assert alices.hf("models", "ls", "--author", "nobody-at-all", "--format", "json").json == []


def test_models_ls_of_files(alices, repo, files):
    alices.hf("upload", repo, write_folder(alices.folder / "f", files))
    out = alices.hf("models", "ls", repo, "-R", "--format", "quiet").out.splitlines()
    assert {"config.json", "sub/", "sub/vocab.txt", "w.safetensors"} <= set(out)
    items = {i["path"]: i for i in alices.hf("models", "ls", repo, "--format", "json").json}
    assert items["w.safetensors"]["size"] == 300_000 and items["w.safetensors"]["last_commit"]["date"]


def test_models_info(alices, alice, repo):
    alice.create_repo(repo)
    assert alices.hf("models", "info", repo, "--format", "json").json["sha"] == alice.model_info(repo).sha


def test_datasets_ls(alices, alice, repo):
    alice.create_repo(repo, repo_type="dataset")
    found = alices.hf("datasets", "ls", "--author", "alice", "--search", repo.split("/")[1], "--format", "json").json
    assert [item["id"] for item in found] == [repo]


def test_cp_between_here_and_there(alices, alice, repo):
    alice.create_repo(repo)
    (alices.folder / "local.txt").write_bytes(b"carried")
    alices.hf("cp", "local.txt", f"hf://{repo}/there.txt")
    alices.hf("cp", f"hf://{repo}/there.txt", f"hf://{repo}/copies/again.txt")
    alices.hf("cp", f"hf://{repo}/copies/again.txt", "back.txt")
    assert (alices.folder / "back.txt").read_bytes() == b"carried"


def test_a_stranger_is_refused_in_words(person, alice, repo):
    alice.create_repo(repo)
    bob = person("bob")
    (bob.folder / "x.txt").write_bytes(b"x")
    refused = bob.try_hf("upload", repo, "x.txt", "x.txt")
    assert refused.status != 0 and "403" in refused.out + refused.err
    assert not alice.file_exists(repo, "x.txt")
