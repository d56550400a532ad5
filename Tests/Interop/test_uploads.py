"""Files and folders going up."""

import hashlib
import io

import pytest
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

from clients.versions import newest, oldest
from kit.content import bytes_of, read_folder, sha256_of, write_file, write_folder


def downloaded(api, repo, path, **options):
    with open(api.hf_hub_download(repo, path, **options), "rb") as file:
        return file.read()


def folder_of(api, repo, **options):
    """{path: bytes} of a snapshot, without what the hub may have added by itself."""
    files = read_folder(api.snapshot_download(repo, **options))
    files.pop(".gitattributes", None)
    return files


def test_a_small_file(alice, model):
    done = alice.upload_file(path_or_fileobj=b'{"a": 1}\n', path_in_repo="config.json", repo_id=model, commit_message="First")
    assert done.oid == alice.model_info(model).sha
    assert done.commit_url.endswith(f"/{model}/commit/{done.oid}")
    assert alice.list_repo_commits(model)[0].title == "First"
    assert downloaded(alice, model, "config.json") == b'{"a": 1}\n'


def test_a_file_from_disk_in_a_folder(alice, model, tmp_path):
    (tmp_path / "local.txt").write_bytes(b"from disk")
    alice.upload_file(path_or_fileobj=tmp_path / "local.txt", path_in_repo="deep/er/far.txt", repo_id=model)
    assert downloaded(alice, model, "deep/er/far.txt") == b"from disk"


def test_an_empty_file(alice, model):
    alice.upload_file(path_or_fileobj=b"", path_in_repo="empty.txt", repo_id=model)
    alice.upload_file(path_or_fileobj=b"", path_in_repo="empty.bin", repo_id=model)
    assert downloaded(alice, model, "empty.txt") == b""
    assert downloaded(alice, model, "empty.bin") == b""


def test_a_file_object(alice, model):
    data = bytes_of(300_000, model)
    alice.upload_file(path_or_fileobj=io.BytesIO(data), path_in_repo="weights.bin", repo_id=model)
    alice.upload_file(path_or_fileobj=io.BytesIO(b"text"), path_in_repo="notes.txt", repo_id=model)
    assert downloaded(alice, model, "weights.bin") == data
    assert downloaded(alice, model, "notes.txt") == b"text"


@pytest.mark.parametrize("kind", ["bytes", "path", "file object"])
def test_a_file_of_more_than_10_mib(alice, model, tmp_path, kind):
    data = bytes_of(11 << 20, f"{model} {kind}")
    place = tmp_path / "big.dat"
    place.write_bytes(data)
    with open(place, "rb") as file:
        what = {"bytes": data, "path": str(place), "file object": file}[kind]
        alice.upload_file(path_or_fileobj=what, path_in_repo="big.dat", repo_id=model)
    [item] = alice.get_paths_info(model, ["big.dat"])
    assert item.lfs.size == item.size == len(data)
    assert item.lfs.sha256 == hashlib.sha256(data).hexdigest()
    assert downloaded(alice, model, "big.dat") == data


def test_large_text_is_kept_like_weights(alice, model):
    data = b"All work and no play makes Jack a dull boy.\n" * 300_000
    alice.upload_file(path_or_fileobj=data, path_in_repo="long.txt", repo_id=model)
    assert alice.get_paths_info(model, ["long.txt"])[0].lfs is not None
    assert downloaded(alice, model, "long.txt") == data


def test_weights_are_weights_however_small(alice, model):
    alice.upload_file(path_or_fileobj=bytes_of(5_000, model), path_in_repo="model.safetensors", repo_id=model)
    assert alice.get_paths_info(model, ["model.safetensors"])[0].lfs is not None
    assert downloaded(alice, model, "model.safetensors") == bytes_of(5_000, model)


def test_a_file_replaced(alice, model):
    for text in (b"one", b"two"):
        alice.upload_file(path_or_fileobj=text, path_in_repo="a.txt", repo_id=model)
    for seed in ("one", "two"):
        alice.upload_file(path_or_fileobj=bytes_of(200_000, seed + model), path_in_repo="a.bin", repo_id=model)
    assert downloaded(alice, model, "a.txt") == b"two"
    assert downloaded(alice, model, "a.bin") == bytes_of(200_000, "two" + model)


ODD_NAMES = [
    "with space.txt", "hash#tag.txt", "per%cent%20.txt", "plus+plus.txt", "question?.txt", "semi;colon&and=.txt", "quote'\".txt",
    "Größe.txt", "дом/файл.txt", "模型/权重.bin", "🐋/whale 🐳.json", "brackets[1]{2}(3).txt", "a~b!c@d$e,f.txt", "e\u0301 combining.txt"]


@pytest.mark.parametrize("path", ODD_NAMES)
def test_odd_names(alice, model, path):
    data = path.encode() * 3 if not path.endswith(".bin") else bytes_of(20_000, path)
    alice.upload_file(path_or_fileobj=data, path_in_repo=path, repo_id=model)
    assert path in alice.list_repo_files(model)
    assert alice.file_exists(model, path)
    assert [item.path for item in alice.get_paths_info(model, [path])] == [path]
    assert downloaded(alice, model, path) == data
    if "/" in path:
        assert [item.path for item in alice.list_repo_tree(model, path.split("/")[0])] == [path]
    alice.delete_file(path, model)
    assert not alice.file_exists(model, path)


def test_a_folder_of_odd_names(alice, model, tmp_path):
    files = {path: path.encode() for path in ODD_NAMES if "?" not in path}
    alice.upload_folder(repo_id=model, folder_path=write_folder(tmp_path / "odd", files))
    assert folder_of(alice, model) == files


def test_a_folder(alice, model, tmp_path):
    files = {"README.md": b"# whale\n", "config.json": b"{}", "sub/vocab.txt": b"a\nb\n", "model.safetensors": bytes_of(400_000, model), "empty": b""}
    done = alice.upload_folder(repo_id=model, folder_path=write_folder(tmp_path / "f", files), commit_message="All of it")
    assert folder_of(alice, model, revision=done.oid) == files
    assert alice.list_repo_commits(model)[0].title == "All of it"


def test_a_folder_of_a_dataset(alice, repo, tmp_path):
    files = {"data/train.csv": b"a,b\n1,2\n", "data/train.parquet": bytes_of(100_000, repo)}
    alice.create_repo(repo, repo_type="dataset")
    alice.upload_folder(repo_id=repo, repo_type="dataset", folder_path=write_folder(tmp_path / "f", files))
    assert folder_of(alice, repo, repo_type="dataset") == files


def test_a_folder_with_patterns(alice, model, tmp_path):
    folder = write_folder(tmp_path / "f", {"a.json": b"{}", "b.txt": b"b", "logs/c.txt": b"c", "logs/d.json": b"{ }"})
    alice.upload_folder(repo_id=model, folder_path=folder, allow_patterns=["*.json"], ignore_patterns=["logs/*"], path_in_repo="under")
    assert set(folder_of(alice, model)) == {"under/a.json"}


def test_a_folder_that_deletes_what_it_replaces(alice, model, tmp_path):
    old = {"README.md": b"keep", "ckpt/1.bin": bytes_of(9_000, model), "ckpt/2.txt": b"2", "logs/x.log": b"x"}
    new = {"ckpt/3.txt": b"3", "ckpt/2.txt": b"2 again"}
    alice.upload_folder(repo_id=model, folder_path=write_folder(tmp_path / "old", old))
    alice.upload_folder(repo_id=model, folder_path=write_folder(tmp_path / "new", new), delete_patterns=["ckpt/*", "*.log"])
    assert folder_of(alice, model) == {"README.md": b"keep"} | new


def test_what_gitignore_names_stays_at_home(alice, model, tmp_path):
    folder = write_folder(tmp_path / "f", {".gitignore": b"*.log\nsecret/\n", "a.txt": b"a", "run.log": b"l", "secret/key.txt": b"k"})
    alice.upload_folder(repo_id=model, folder_path=folder)
    assert set(folder_of(alice, model)) == {".gitignore", "a.txt"}
    alice.upload_file(path_or_fileobj=b"later", path_in_repo="later.log", repo_id=model)
    assert not alice.file_exists(model, "later.log"), "the committed .gitignore counts too"


def test_an_unchanged_folder_makes_no_commit(alice, model, tmp_path):
    folder = write_folder(tmp_path / "f", {"README.md": b"# same\n", "model.safetensors": bytes_of(50_000, model), "e": b""})
    first = alice.upload_folder(repo_id=model, folder_path=folder)
    count = len(alice.list_repo_commits(model))
    again = alice.upload_folder(repo_id=model, folder_path=folder)
    assert again.oid == first.oid
    assert len(alice.list_repo_commits(model)) == count


def test_an_unchanged_file_makes_no_commit(alice, model):
    for path, data in (("a.txt", b"same"), ("a.bin", bytes_of(50_000, model))):
        first = alice.upload_file(path_or_fileobj=data, path_in_repo=path, repo_id=model)
        again = alice.upload_file(path_or_fileobj=data, path_in_repo=path, repo_id=model)
        assert again.oid == first.oid, path


def test_one_changed_file_of_a_folder(alice, model, tmp_path):
    files = {f"{i}.txt": f"{i}".encode() for i in range(10)} | {"w.bin": bytes_of(50_000, model)}
    first = alice.upload_folder(repo_id=model, folder_path=write_folder(tmp_path / "f", files))
    files["3.txt"] = b"changed"
    second = alice.upload_folder(repo_id=model, folder_path=write_folder(tmp_path / "f", files))
    assert second.oid != first.oid
    assert folder_of(alice, model) == files
    assert folder_of(alice, model, revision=first.oid)["3.txt"] == b"3", "the first stays as it was"


def test_upload_to_a_branch(alice, model):
    alice.create_branch(model, branch="try/out")
    alice.upload_file(path_or_fileobj=b"there", path_in_repo="a.txt", repo_id=model, revision="try/out")
    alice.upload_file(path_or_fileobj=bytes_of(30_000, model), path_in_repo="a.bin", repo_id=model, revision="try/out")
    assert downloaded(alice, model, "a.txt", revision="try/out") == b"there"
    assert not alice.file_exists(model, "a.txt")


def test_upload_to_what_is_not_there(alice, model, repo):
    with pytest.raises(RevisionNotFoundError):
        alice.upload_file(path_or_fileobj=b"x", path_in_repo="a.txt", repo_id=model, revision="no-such-branch")
    for data in (b"x", bytes_of(20_000, "nowhere")):
        with pytest.raises(RepositoryNotFoundError):
            alice.upload_file(path_or_fileobj=data, path_in_repo="a.bin", repo_id="alice/never-was")


def test_upload_is_for_those_who_may(alice, as_user, model):
    before = alice.model_info(model).sha
    for who, status in ((as_user(None), 401), (as_user("bob"), 403), (as_user("alice", "reader"), 403)):
        for path, data in (("a.txt", b"x"), ("a.bin", bytes_of(20_000, "not allowed"))):
            with pytest.raises(HfHubHTTPError) as refused:
                who.upload_file(path_or_fileobj=data, path_in_repo=path, repo_id=model)
            assert refused.value.response.status_code == status
    assert alice.model_info(model).sha == before


def test_a_token_that_writes_is_enough(as_user, alice, model):
    as_user("alice", "writer").upload_file(path_or_fileobj=bytes_of(20_000, model), path_in_repo="a.bin", repo_id=model)
    assert alice.file_exists(model, "a.bin")


@pytest.mark.timeout(240)
def test_2000_small_files_in_one_folder(alice, model, tmp_path):
    files = {f"part-{i % 40:02}/{i:04}.{'json' if i % 10 else 'npy'}": f"{model} {i}".encode() for i in range(2000)}
    alice.upload_folder(repo_id=model, folder_path=write_folder(tmp_path / "many", files))
    assert set(alice.list_repo_files(model)) - {".gitattributes"} == set(files)
    assert folder_of(alice, model) == files


@oldest
def test_upload_large_folder(person, alice, repo):
    files = {f"{i}.txt": f"{i}".encode() for i in range(30)} | {f"{i}.bin": bytes_of(300_000, f"{repo}{i}") for i in range(4)}
    somebody = person()
    # In a process of its own: its workers try again for ever, and no exception ends them.
    somebody.hf("upload-large-folder", repo, write_folder(somebody.folder / "f", files), "--repo-type", "model", "--no-report", patience=60)
    assert folder_of(alice, repo) == files


@newest
@pytest.mark.timeout(300)
def test_one_gibibyte_up_and_down(person, alice, model, tmp_path):
    somebody = person()
    file = write_file(somebody.folder / "big.safetensors", 1 << 30, model)
    expected = sha256_of(file)
    somebody.hf("upload", model, file, "big.safetensors", patience=200)
    file.unlink()
    [item] = alice.get_paths_info(model, ["big.safetensors"])
    assert (item.size, item.lfs.sha256) == (1 << 30, expected)
    other = person()
    other.hf("download", model, "big.safetensors", "--local-dir", other.folder / "got", patience=200)
    got = other.folder / "got/big.safetensors"
    assert sha256_of(got) == expected
    got.unlink()
