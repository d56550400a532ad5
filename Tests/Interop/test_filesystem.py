"""HfFileSystem, and what reads a little of a large file."""

import json
import struct

import pytest
from huggingface_hub import HfFileSystem

from kit.content import bytes_of, write_folder


def safetensors(tensors):
    """A safetensors file: {name: (dtype, shape, bytes)}."""
    header, at = {}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in tensors.values())


@pytest.fixture
def stocked(alice, model, tmp_path):
    files = {"config.json": b'{"a": 1}\n', "data/one.csv": b"a,b\n1,2\n", "data/two.csv": b"a,b\n3,4\n", "w.bin": bytes_of(2_000_000, model)}
    alice.upload_folder(repo_id=model, folder_path=write_folder(tmp_path / "f", files))
    return model


@pytest.fixture
def files(url, token):
    HfFileSystem.clear_instance_cache()
    return HfFileSystem(endpoint=url, token=token("alice"))


def test_lists_and_finds(files, stocked):
    assert {f"{stocked}/config.json", f"{stocked}/data", f"{stocked}/w.bin"} <= set(files.ls(stocked, detail=False))
    assert files.glob(f"{stocked}/*/*.csv") == [f"{stocked}/data/one.csv", f"{stocked}/data/two.csv"]
    assert files.exists(f"{stocked}/data/one.csv") and not files.exists(f"{stocked}/data/three.csv")
    assert files.isdir(f"{stocked}/data") and files.isfile(f"{stocked}/w.bin")
    assert files.info(f"{stocked}/w.bin")["size"] == 2_000_000


def test_reads_a_part_of_a_file(tap, token, stocked):
    HfFileSystem.clear_instance_cache()
    through = HfFileSystem(endpoint=tap.url, token=token("alice"))
    with through.open(f"{stocked}/w.bin", "rb", block_size=65_536) as file:
        file.seek(1_000_000)
        assert file.read(100) == bytes_of(2_000_000, stocked)[1_000_000:1_000_100]
        file.seek(-50, 2)
        assert file.read() == bytes_of(2_000_000, stocked)[-50:]
    assert tap.received("/resolve/", "GET") < 500_000


def test_reads_text_and_lines(files, stocked):
    with files.open(f"{stocked}/data/one.csv", "r") as file:
        assert file.read().splitlines() == ["a,b", "1,2"]
    assert files.cat(f"{stocked}/config.json") == b'{"a": 1}\n'
    assert files.read_bytes(f"{stocked}/w.bin", start=7, end=19) == bytes_of(2_000_000, stocked)[7:19]


def test_reads_an_older_revision(files, alice, stocked):
    old = alice.model_info(stocked).sha
    alice.upload_file(path_or_fileobj=b"{}", path_in_repo="config.json", repo_id=stocked)
    assert files.cat(f"{stocked}@{old}/config.json") == b'{"a": 1}\n'


def test_writes_copies_and_removes(files, alice, stocked):
    with files.open(f"{stocked}/made/here.txt", "w") as file:
        file.write("written")
    files.cp_file(f"{stocked}/made/here.txt", f"{stocked}/made/there.txt")
    assert files.cat(f"{stocked}/made/there.txt") == b"written"
    files.rm(f"{stocked}/data", recursive=True)
    assert not any(path.startswith("data/") for path in alice.list_repo_files(stocked))


def test_a_private_file(url, token, private_model):
    HfFileSystem.clear_instance_cache()
    assert HfFileSystem(endpoint=url, token=token("alice")).cat(f"{private_model}/a.txt") == b"for some eyes only"
    with pytest.raises(FileNotFoundError):
        HfFileSystem(endpoint=url, token=token("bob")).cat(f"{private_model}/a.txt")


def test_safetensors_metadata(alice, model):
    data = safetensors({"embed": ("F32", [10, 4], bytes(160)), "head": ("F16", [4, 2], bytes(16))})
    alice.upload_file(path_or_fileobj=data, path_in_repo="model.safetensors", repo_id=model)
    metadata = alice.get_safetensors_metadata(model)
    assert metadata.parameter_count == {"F32": 40, "F16": 8}
    assert metadata.weight_map == {"embed": "model.safetensors", "head": "model.safetensors"}


def test_safetensors_metadata_of_shards(alice, model, tmp_path):
    index = {"metadata": {"total_size": 176}, "weight_map": {"embed": "model-1-of-2.safetensors", "head": "model-2-of-2.safetensors"}}
    alice.upload_folder(repo_id=model, folder_path=write_folder(tmp_path / "s", {
        "model.safetensors.index.json": json.dumps(index).encode(),
        "model-1-of-2.safetensors": safetensors({"embed": ("F32", [10, 4], bytes(160))}),
        "model-2-of-2.safetensors": safetensors({"head": ("F16", [4, 2], bytes(16))})}))
    metadata = alice.get_safetensors_metadata(model)
    assert metadata.sharded and metadata.parameter_count == {"F32": 40, "F16": 8}
