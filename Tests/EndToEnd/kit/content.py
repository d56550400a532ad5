"""Files to publish. All of it is made from a seed, so that a failure can be repeated."""

import hashlib
import pathlib
import random


def bytes_of(size, seed) -> bytes:
    return random.Random(f"{seed}/{size}").randbytes(size)


def write_file(path, size, seed):
    """A large file in bounded memory."""
    chance = random.Random(f"{seed}/{size}")
    with open(path, "wb") as file:
        while size:
            count = min(size, 1 << 22)
            file.write(chance.randbytes(count))
            size -= count
    return path


def write_folder(folder, files):
    folder = pathlib.Path(folder)
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def read_folder(folder):
    """{path: bytes} of a pulled folder, without what the program keeps for itself."""
    folder = pathlib.Path(folder)
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*")) if p.is_file() and ".grayling" not in p.relative_to(folder).parts}


def sha256_of(path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def small_model(seed="whale"):
    """What a small model looks like: card, settings, tokenizer in a folder, weights. Two seeds
    have no file in common."""
    return {
        "README.md": f"---\nlicense: apache-2.0\n---\n# {seed}\n".encode(),
        "config.json": f'{{"hidden_size": 384, "model_type": "{seed}"}}\n'.encode(),
        "tokenizer/vocab.txt": b"\n".join(f"{seed}{i}".encode() for i in range(2000)),
        "tokenizer/special_tokens_map.json": f'{{"pad_token": "[{seed}]"}}\n'.encode(),
        "model.safetensors": bytes_of(300_000, seed),
    }
