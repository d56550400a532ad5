"""Our chunker beside the client's own: the same cuts give the same id, and one other cut another."""

import random
import subprocess

import hf_xet
import pytest
from kit.places import CHECKOUT

OURS = CHECKOUT / ".build" / "debug" / "bench-xet-chunking"


def ids(paths):
    done = subprocess.run([OURS, "--ids", *paths], capture_output=True, text=True, check=True)
    return [line.split()[0] for line in done.stdout.splitlines()]


def contents():
    """Sizes around the limits of a chunk, and bytes of several kinds."""
    chance = random.Random(20261121)
    for size in (0, 1, 8191, 8192, 8193, 65_536, 131_071, 131_072, 131_073, 999_983, 5_000_000, 33_000_000):
        yield f"random-{size}", chance.randbytes(size)
    yield "zeros", bytes(3_000_000)
    yield "text", b"".join(f"{i},{i * i},{chance.random()}\n".encode() for i in range(120_000))
    yield "repeating", chance.randbytes(70_001) * 60
    yield "mostly zeros", b"".join(bytes(chance.randrange(200_000)) + chance.randbytes(40) for _ in range(60))


def test_files_are_named_as_the_client_names_them(tmp_path):
    if not OURS.exists():
        pytest.fail("bench-xet-chunking is not built; run 'make interop', or 'swift build --product bench-xet-chunking'")
    paths = []
    for name, data in contents():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(data)
    theirs = [info.hash for info in hf_xet.hash_files([str(path) for path in paths])]
    assert dict(zip([p.name for p in paths], ids(paths))) == dict(zip([p.name for p in paths], theirs))
