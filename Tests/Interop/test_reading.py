"""What a repo is and holds, without its bytes."""

import hashlib

import pytest
from huggingface_hub.errors import EntryNotFoundError
from huggingface_hub.hf_api import RepoFile, RepoFolder

from kit.content import bytes_of

CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: feature-extraction
tags:
- whales
- sea
language: en
---
# Whale
"""


@pytest.fixture
def weights(model):
    return bytes_of(60_000, model)


@pytest.fixture
def stocked(alice, model, weights):
    from huggingface_hub import CommitOperationAdd as Add

    files = {"README.md": CARD.encode(), "config.json": b'{"model_type": "bert"}', "model.safetensors": weights, "sub/a.txt": b"a",
             "sub/deep/b.txt": b"b"}
    alice.create_commit(model, [Add(p, d) for p, d in files.items()], commit_message="stock")
    return model


def test_model_info(alice, stocked):
    info = alice.model_info(stocked)
    assert (info.id, info.author, info.private) == (stocked, "alice", False)
    assert len(info.sha) == 40 and set(info.sha) <= set("0123456789abcdef")
    assert {s.rfilename for s in info.siblings} - {".gitattributes"} == {
        "README.md", "config.json", "model.safetensors", "sub/a.txt", "sub/deep/b.txt"}
    assert info.created_at <= info.last_modified
    assert info.card_data["license"] == "apache-2.0"
    assert {"whales", "sea", "license:apache-2.0", "safetensors"} <= set(info.tags)
    assert (info.pipeline_tag, info.library_name) == ("feature-extraction", "transformers")


def test_model_info_of_an_older_revision(alice, stocked):
    old = alice.model_info(stocked).sha
    alice.delete_file("config.json", stocked)
    assert "config.json" in [s.rfilename for s in alice.model_info(stocked, revision=old).siblings]
    assert "config.json" not in [s.rfilename for s in alice.model_info(stocked).siblings]


def test_files_metadata(alice, stocked, weights):
    siblings = {s.rfilename: s for s in alice.model_info(stocked, files_metadata=True).siblings}
    regular, lfs = siblings["config.json"], siblings["model.safetensors"]
    assert (regular.size, regular.lfs) == (22, None)
    assert regular.blob_id == hashlib.sha1(b'blob 22\0{"model_type": "bert"}').hexdigest()
    assert lfs.size == lfs.lfs["size"] == 60_000
    assert lfs.lfs["sha256"] == hashlib.sha256(weights).hexdigest()


def test_expand_gives_what_was_asked_for(alice, stocked):
    info = alice.model_info(stocked, expand=["sha", "tags", "private"])
    assert info.id == stocked and len(info.sha) == 40 and info.private is False and "whales" in info.tags
    assert info.siblings is None and info.card_data is None


def test_dataset_info(alice, repo):
    alice.create_repo(repo, repo_type="dataset")
    alice.upload_file(path_or_fileobj=b"---\nlicense: mit\ntags: [fish]\n---\n", path_in_repo="README.md", repo_id=repo, repo_type="dataset")
    alice.upload_file(path_or_fileobj=b"a,b\n", path_in_repo="data.csv", repo_id=repo, repo_type="dataset")
    info = alice.dataset_info(repo, files_metadata=True)
    assert (info.id, info.author, info.private) == (repo, "alice", False)
    assert {s.rfilename: s.size for s in info.siblings}["data.csv"] == 4
    assert "fish" in info.tags
    assert alice.repo_info(repo, repo_type="dataset").sha == info.sha


def test_tree(alice, stocked):
    items = {item.path: item for item in alice.list_repo_tree(stocked)}
    assert set(items) - {".gitattributes"} == {"README.md", "config.json", "model.safetensors", "sub"}
    assert isinstance(items["sub"], RepoFolder) and len(items["sub"].tree_id) == 40
    assert isinstance(items["config.json"], RepoFile) and items["config.json"].size == 22
    assert items["model.safetensors"].lfs.size == 60_000


def test_tree_of_all(alice, stocked):
    items = {item.path: type(item) for item in alice.list_repo_tree(stocked, recursive=True)}
    assert items.pop(".gitattributes", RepoFile) is RepoFile
    assert items == {"README.md": RepoFile, "config.json": RepoFile, "model.safetensors": RepoFile, "sub": RepoFolder,
                     "sub/a.txt": RepoFile, "sub/deep": RepoFolder, "sub/deep/b.txt": RepoFile}


def test_tree_of_a_folder(alice, stocked):
    assert {i.path for i in alice.list_repo_tree(stocked, "sub")} == {"sub/a.txt", "sub/deep"}
    assert {i.path for i in alice.list_repo_tree(stocked, "sub/deep")} == {"sub/deep/b.txt"}
    with pytest.raises(EntryNotFoundError):
        list(alice.list_repo_tree(stocked, "never"))


def test_tree_with_the_commit_that_touched_each(alice, stocked):
    first = alice.model_info(stocked).sha
    second = alice.upload_file(path_or_fileobj=b"new", path_in_repo="sub/a.txt", repo_id=stocked, commit_message="touch a").oid
    items = {i.path: i for i in alice.list_repo_tree(stocked, recursive=True, expand=True)}
    assert items["sub/a.txt"].last_commit.oid == second and items["sub/a.txt"].last_commit.title == "touch a"
    assert items["config.json"].last_commit.oid == first
    assert items["sub"].last_commit.oid == second, "a folder was touched with what is in it"
    assert items["config.json"].last_commit.date is not None


def test_paths_info(alice, stocked, weights):
    items = {i.path: i for i in alice.get_paths_info(stocked, ["config.json", "model.safetensors", "sub", "sub/deep/b.txt", "never.txt"])}
    assert set(items) == {"config.json", "model.safetensors", "sub", "sub/deep/b.txt"}, "what is missing is left out"
    assert isinstance(items["sub"], RepoFolder)
    assert items["model.safetensors"].lfs.sha256 == hashlib.sha256(weights).hexdigest()
    assert alice.get_paths_info(stocked, "config.json", expand=True)[0].last_commit.oid == alice.model_info(stocked).sha
    assert alice.get_paths_info(stocked, ["never.txt"]) == []


def test_list_repo_files(alice, stocked):
    old = alice.model_info(stocked).sha
    alice.delete_folder("sub", stocked)
    assert set(alice.list_repo_files(stocked)) - {".gitattributes"} == {"README.md", "config.json", "model.safetensors"}
    assert {"sub/a.txt", "sub/deep/b.txt"} <= set(alice.list_repo_files(stocked, revision=old))


def test_what_exists(alice, stocked):
    assert alice.repo_exists(stocked)
    assert not alice.repo_exists("alice/never-was")
    assert not alice.repo_exists(stocked, repo_type="dataset")
    assert alice.file_exists(stocked, "sub/a.txt")
    for path, options in (("never.txt", {}), ("sub", {}), ("config.json", {"revision": "no-such"}), ("config.json", {"repo_type": "dataset"})):
        assert not alice.file_exists(stocked, path, **options), (path, options)


def test_file_metadata(alice, url, stocked, weights):
    from huggingface_hub import hf_hub_url

    head = alice.model_info(stocked).sha
    regular = alice.get_hf_file_metadata(url=hf_hub_url(stocked, "config.json", endpoint=url))
    assert (regular.commit_hash, regular.size) == (head, 22)
    assert regular.etag == hashlib.sha1(b'blob 22\0{"model_type": "bert"}').hexdigest()
    lfs = alice.get_hf_file_metadata(url=hf_hub_url(stocked, "model.safetensors", endpoint=url))
    assert (lfs.commit_hash, lfs.size, lfs.etag) == (head, 60_000, hashlib.sha256(weights).hexdigest())


def test_an_empty_repo_can_be_asked(alice, model):
    assert set(alice.list_repo_files(model)) <= {".gitattributes"}
    assert len(alice.model_info(model).sha) == 40
    assert [b.name for b in alice.list_repo_refs(model).branches] == ["main"]
    assert not alice.file_exists(model, "config.json")
