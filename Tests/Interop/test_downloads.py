"""Files coming down: once, again, in part, after a cut, and not at all."""

import hashlib
import os
import pathlib

import pytest
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError, RevisionNotFoundError
from huggingface_hub import HfApi

from clients.versions import CLIENT
from kit.content import bytes_of, read_folder, sha256_of, write_folder


@pytest.fixture
def weights(model):
    return bytes_of(700_000, model)


@pytest.fixture
def stocked(alice, model, weights, tmp_path):
    files = {"config.json": b"{}", "model.safetensors": weights, "onnx/model.onnx": bytes_of(30_000, "o" + model), "vocab/a.txt": b"a",
             "vocab/b.txt": b"b"}
    alice.upload_folder(repo_id=model, folder_path=write_folder(tmp_path / "stock", files))
    return model


def content(path):
    return pathlib.Path(path).read_bytes()


def test_by_branch_tag_and_commit(alice, stocked):
    old = alice.model_info(stocked).sha
    alice.create_tag(stocked, tag="v1")
    alice.create_branch(stocked, branch="past/one")
    alice.upload_file(path_or_fileobj=b"[]", path_in_repo="config.json", repo_id=stocked)
    assert content(alice.hf_hub_download(stocked, "config.json")) == b"[]"
    for revision in ("v1", "past/one", old):
        path = alice.hf_hub_download(stocked, "config.json", revision=revision)
        assert content(path) == b"{}", revision
        assert f"/snapshots/{old}/" in path, "the cache is by commit"


def test_the_cache_is_named_by_the_right_etags(alice, stocked, weights, a_home):
    for path in ("config.json", "model.safetensors"):
        alice.hf_hub_download(stocked, path)
    blobs = {p.name for p in (a_home / "hub" / f"models--{stocked.replace('/', '--')}" / "blobs").iterdir()}
    assert blobs == {hashlib.sha1(b"blob 2\0{}").hexdigest(), hashlib.sha256(weights).hexdigest()}


def test_what_is_cached_is_not_fetched_again(tap, token, stocked, alice):
    through = HfApi(endpoint=tap.url, token=token("alice"))
    head = alice.model_info(stocked).sha
    through.hf_hub_download(stocked, "model.safetensors")
    tap.forget()
    through.hf_hub_download(stocked, "model.safetensors")
    assert [e.method for e in tap.calls()] == ["HEAD"], tap.calls()
    tap.forget()
    through.hf_hub_download(stocked, "model.safetensors", revision=head)
    assert tap.calls() == []


def test_the_cache_serves_alone(alice, stocked):
    path = alice.hf_hub_download(stocked, "config.json")
    assert alice.hf_hub_download(stocked, "config.json", local_files_only=True) == path
    with pytest.raises(LocalEntryNotFoundError):
        alice.hf_hub_download(stocked, "vocab/a.txt", local_files_only=True)


def test_offline(person, stocked):
    somebody = person()
    somebody.hf("download", stocked)
    program = "from pathlib import Path; print(sorted(p.name for p in Path(snapshot_download(sys.argv[1])).iterdir()))"
    done = somebody.python(program, stocked, HF_HUB_OFFLINE="1", HF_ENDPOINT="http://127.0.0.1:9")
    assert "config.json" in done.out and "model.safetensors" in done.out


def test_forced_again(alice, stocked):
    path = alice.hf_hub_download(stocked, "config.json")
    os.chmod(os.path.realpath(path), 0o644)
    pathlib.Path(os.path.realpath(path)).write_bytes(b"##")
    assert content(alice.hf_hub_download(stocked, "config.json", force_download=True)) == b"{}"


def test_a_snapshot(alice, stocked, weights):
    got = read_folder(alice.snapshot_download(stocked))
    got.pop(".gitattributes", None)
    assert set(got) == {"config.json", "model.safetensors", "onnx/model.onnx", "vocab/a.txt", "vocab/b.txt"}
    assert got["model.safetensors"] == weights


def test_a_snapshot_with_patterns(alice, stocked):
    assert set(read_folder(alice.snapshot_download(stocked, allow_patterns=["vocab/*", "*.json"], ignore_patterns="*b.txt"))) == {
        "config.json", "vocab/a.txt"}


def test_a_pinned_snapshot(alice, stocked):
    old = alice.model_info(stocked).sha
    alice.create_tag(stocked, tag="pin")
    alice.upload_file(path_or_fileobj=b"[]", path_in_repo="config.json", repo_id=stocked)
    alice.delete_file("vocab/b.txt", stocked)
    for revision in (old, "pin"):
        place = alice.snapshot_download(stocked, revision=revision)
        assert place.endswith(old)
        assert read_folder(place)["config.json"] == b"{}" and "vocab/b.txt" in read_folder(place)
    assert "vocab/b.txt" not in read_folder(alice.snapshot_download(stocked))


def test_into_a_folder_of_ones_own(alice, stocked, weights, tmp_path):
    alice.snapshot_download(stocked, local_dir=tmp_path / "here")
    alice.hf_hub_download(stocked, "onnx/model.onnx", local_dir=tmp_path / "there")
    assert content(tmp_path / "here/model.safetensors") == weights
    assert content(tmp_path / "there/onnx/model.onnx") == bytes_of(30_000, "o" + stocked)
    alice.upload_file(path_or_fileobj=b"[1]", path_in_repo="config.json", repo_id=stocked)
    alice.snapshot_download(stocked, local_dir=tmp_path / "here")
    assert content(tmp_path / "here/config.json") == b"[1]"


def test_a_dry_run_fetches_nothing(tap, token, stocked):
    through = HfApi(endpoint=tap.url, token=token("alice"))
    plan = {item.filename: item for item in through.snapshot_download(stocked, dry_run=True)}
    assert plan["model.safetensors"].file_size == 700_000 and plan["model.safetensors"].will_download
    assert tap.calls("/resolve/", "GET") == []


def test_a_private_model(alice, as_user, private_model):
    assert content(alice.hf_hub_download(private_model, "a.txt")) == b"for some eyes only"
    assert read_folder(alice.snapshot_download(private_model))["a.txt"] == b"for some eyes only"


def test_without_a_token(as_user, stocked, weights):
    assert content(as_user(None).hf_hub_download(stocked, "model.safetensors")) == weights


def test_a_missing_file(alice, stocked, a_home):
    with pytest.raises(EntryNotFoundError):
        alice.hf_hub_download(stocked, "never.json")
    head = alice.model_info(stocked).sha
    absent = a_home / "hub" / f"models--{stocked.replace('/', '--')}" / ".no_exist" / head / "never.json"
    assert absent.exists(), "the absence is remembered"


def test_a_missing_revision(alice, stocked):
    for attempt in (lambda: alice.hf_hub_download(stocked, "config.json", revision="no-such"),
                    lambda: alice.snapshot_download(stocked, revision="no-such")):
        with pytest.raises(RevisionNotFoundError):
            attempt()


@pytest.mark.parametrize("xet", ["", "1"], ids=["with xet", "without xet"])
def test_with_and_without_xet_the_same_bytes(person, stocked, weights, xet):
    somebody = person()
    somebody.hf("download", stocked, "--local-dir", "got", HF_HUB_DISABLE_XET=xet)
    got = read_folder(somebody.folder / "got")
    assert got["model.safetensors"] == weights and got["vocab/b.txt"] == b"b"


def test_a_cut_download_goes_on_where_it_stopped(person, tap, alice, model):
    # The client writes to disk in pieces of 10 MiB; what it had not written it asks for again.
    data = bytes_of(24 << 20, model)
    alice.upload_file(path_or_fileobj=data, path_in_repo="big.bin", repo_id=model)
    tap.cut_answer("/resolve/", after=15_000_000)
    somebody = person(through=tap)
    command = ["download", model, "big.bin", "--local-dir", "got"]
    done = somebody.try_hf(*command, HF_HUB_DISABLE_XET="1")
    assert tap.cuts == [], "it was cut"
    if CLIENT < (2, 0) and done.status != 0:
        # The older client gives up and leaves nothing; its next run begins anew.
        assert not (somebody.folder / "got/big.bin").exists()
        somebody.hf(*command, HF_HUB_DISABLE_XET="1")
        assert content(somebody.folder / "got/big.bin") == data
        return
    done.expect(0)
    assert content(somebody.folder / "got/big.bin") == data
    first, second = tap.calls("/resolve/", "GET")
    assert second.status == 206 and second.headers["Range"] == f"bytes={10 << 20}-"
    assert first.received + second.received == 15_000_000 + (14 << 20), "what had come was not sent again"


def test_a_download_cut_for_good_leaves_no_file(person, tap, alice, model):
    alice.upload_file(path_or_fileobj=bytes_of(3 << 20, model), path_in_repo="big.bin", repo_id=model)
    for _ in range(30):
        tap.cut_answer("/resolve/", after=0)
    somebody = person(through=tap)
    done = somebody.try_hf("download", model, "big.bin", "--local-dir", "got", HF_HUB_DISABLE_XET="1", HF_HUB_DOWNLOAD_TIMEOUT="3")
    assert done.status != 0
    assert not (somebody.folder / "got/big.bin").exists()
    tap.cuts.clear()
    somebody.hf("download", model, "big.bin", "--local-dir", "got", HF_HUB_DISABLE_XET="1")
    assert sha256_of(somebody.folder / "got/big.bin") == hashlib.sha256(bytes_of(3 << 20, model)).hexdigest()


def test_ranges(hub, stocked, weights):
    path = f"/{stocked}/resolve/main/model.safetensors"
    for asked, part in (("0-3", weights[:4]), ("100-", weights[100:]), ("-7", weights[-7:])):
        answer = hub.get(path, headers={"Range": f"bytes={asked}", "Accept-Encoding": "gzip, deflate"}).expect(206)
        assert answer.body == part, asked
        assert answer.headers["Content-Range"].endswith(f"/{len(weights)}")
        assert "Content-Encoding" not in answer.headers
    refused = hub.get(path, headers={"Range": "bytes=700000-"}).expect(416)
    assert refused.headers["Content-Range"] == "bytes */700000"


def test_the_headers_of_a_head(hub, alice, stocked, weights):
    answer = hub.head(f"/{stocked}/resolve/main/model.safetensors", headers={"Accept-Encoding": "identity"}).expect(200)
    assert answer.headers["X-Repo-Commit"] == alice.model_info(stocked).sha
    assert answer.headers["Content-Length"] == answer.headers["X-Linked-Size"] == "700000"
    assert answer.headers["X-Linked-Etag"] == f'"{hashlib.sha256(weights).hexdigest()}"'
    assert answer.headers["ETag"].strip('"').removeprefix("W/").strip('"') == hashlib.sha256(weights).hexdigest()
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_addresses_are_those_that_the_client_used(token, repo, url):
    """A server knows itself by many names; the client only by one."""
    other = HfApi(endpoint=url.replace("127.0.0.1", "localhost"), token=token("alice"))
    assert str(other.create_repo(repo)).startswith("http://localhost:")
    done = other.upload_file(path_or_fileobj=bytes_of(30_000, repo), path_in_repo="a.bin", repo_id=repo)
    assert done.commit_url.startswith("http://localhost:")
    assert content(other.hf_hub_download(repo, "a.bin")) == bytes_of(30_000, repo)


def test_hf_cache_verify(person, stocked):
    somebody = person()
    somebody.hf("download", stocked)
    assert somebody.hf("cache", "verify", stocked, "--fail-on-missing-files", "--format", "json").json["checked"] >= 5
    [blob] = (somebody.home / "hf/hub").glob("models--*/snapshots/*/model.safetensors")
    place = blob.resolve()
    place.chmod(0o644)
    data = bytearray(place.read_bytes())
    data[1000] ^= 1
    place.write_bytes(data)
    damaged = somebody.try_hf("cache", "verify", stocked)
    assert damaged.status == 1 and "model.safetensors" in damaged.out


def test_verify_of_a_folder(person, stocked):
    somebody = person()
    somebody.hf("download", stocked, "--local-dir", "got")
    somebody.hf("cache", "verify", stocked, "--local-dir", "got", "--fail-on-missing-files")
    (somebody.folder / "got/config.json").write_bytes(b"[]")
    assert somebody.try_hf("cache", "verify", stocked, "--local-dir", "got").status == 1
