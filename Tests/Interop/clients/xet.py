"""Xet by hand: hashes, xorbs and shards as the Xet specification writes them, also wrong ones.

A hash is 32 raw bytes in here; `text` gives the form that URLs and JSON use."""

import dataclasses
import json
import struct
import urllib.parse

from blake3 import blake3
from kit.api import API

CHUNK_KEY = bytes.fromhex("6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229")
NODE_KEY = bytes.fromhex("017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f")
RANGE_KEY = bytes.fromhex("7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3")
SHARD_TAG = bytes.fromhex("48465265706f4d6574614461746100556967456a7b815783a5bdd95ccdd14aa9")
END_OF_SECTION = b"\xff" * 32 + bytes(16)
LARGEST_CHUNK = 131_072


def keyed(key, data) -> bytes:
    return blake3(data, key=key).digest()


def text(hash) -> str:
    """Four little-endian words of 16 digits each."""
    return "".join(f"{word:016x}" for word in struct.unpack("<4Q", hash))


def raw(digits) -> bytes:
    return struct.pack("<4Q", *(int(digits[i:i + 16], 16) for i in range(0, 64, 16)))


def chunk_hash(data) -> bytes:
    return keyed(CHUNK_KEY, data)


def root(leaves) -> bytes:
    """The Merkle root over (hash, length) pairs."""
    nodes = list(leaves)
    while len(nodes) > 1:
        above, start = [], 0
        while start < len(nodes):
            end = len(nodes)
            if end - start > 2:
                end = min(start + 9, end)
                for i in range(start + 2, end):
                    if int.from_bytes(nodes[i][0][24:], "little") % 4 == 0:
                        end = i + 1
                        break
            lines = "".join(f"{text(hash)} : {length}\n" for hash, length in nodes[start:end])
            above.append((keyed(NODE_KEY, lines.encode()), sum(length for _, length in nodes[start:end])))
            start = end
        nodes = above
    return nodes[0][0]


def leaves_of(chunks):
    return [(chunk_hash(c), len(c)) for c in chunks]


def xorb_hash(chunks) -> bytes:
    return root(leaves_of(chunks))


def file_hash(chunks) -> bytes:
    return keyed(bytes(32), root(leaves_of(chunks)))


def range_hash(chunks) -> bytes:
    """The proof that one knows the chunks of a term."""
    return keyed(RANGE_KEY, b"".join(chunk_hash(c) for c in chunks))


# Xorbs.

def u24(number) -> bytes:
    return number.to_bytes(3, "little")


def chunk_record(stored, raw_length=None, scheme=0, version=0) -> bytes:
    return bytes([version]) + u24(len(stored)) + bytes([scheme]) + u24(len(stored) if raw_length is None else raw_length) + stored


def xorb(chunks) -> bytes:
    return b"".join(chunk_record(c) for c in chunks)


def lz4_frame_of_zeros(size) -> bytes:
    """`size` zero bytes (at least 64) as one LZ4 frame of blocks of up to 4 MiB: about size/255 bytes."""
    frame = bytes.fromhex("04224d18" "607073")
    while size:
        # A literal zero, then a match at distance 1, then the last five bytes as literals.
        part = min(size, 4 << 20)
        extra = part - 6 - 4 - 15
        block = bytes([0x1F, 0]) + struct.pack("<H", 1) + b"\xff" * (extra // 255) + bytes([extra % 255]) + bytes([0x50]) + bytes(5)
        frame += struct.pack("<I", len(block)) + block
        size -= part
    return frame + bytes(4)


def parse_xorb(data):
    """(version, scheme, raw length, stored bytes) of each chunk, up to a footer if there is one."""
    records, at = [], 0
    while at < len(data) and data[at:at + 7] != b"XETBLOB":
        stored = int.from_bytes(data[at + 1:at + 4], "little")
        records.append((data[at], data[at + 4], int.from_bytes(data[at + 5:at + 8], "little"), data[at + 8:at + 8 + stored]))
        at += 8 + stored
    return records


# Shards.

@dataclasses.dataclass
class Term:
    xorb: bytes
    length: int
    start: int
    end: int
    proof: bytes | None


@dataclasses.dataclass
class File:
    hash: bytes
    terms: list
    sha256: str | None

    def serialised(self, count=None):
        flags = (0x8000_0000 if all(t.proof for t in self.terms) else 0) | (0x4000_0000 if self.sha256 else 0)
        body = self.hash + struct.pack("<IIQ", flags, len(self.terms) if count is None else count, 0)
        for t in self.terms:
            body += t.xorb + struct.pack("<IIII", 0, t.length, t.start, t.end)
        if flags & 0x8000_0000:
            body += b"".join(t.proof + bytes(16) for t in self.terms)
        if self.sha256:
            body += raw(self.sha256) + bytes(16)
        return body


def shard(files, xorbs=(), count=None, tag=SHARD_TAG) -> bytes:
    """`xorbs`: the chunk lists of those that the shard describes."""
    body = tag + struct.pack("<QQ", 2, 0) + b"".join(f.serialised(count) for f in files) + END_OF_SECTION
    for chunks in xorbs:
        total = sum(len(c) for c in chunks)
        body += xorb_hash(chunks) + struct.pack("<IIII", 0, len(chunks), total, 0)
        at = 0
        for c in chunks:
            body += chunk_hash(c) + struct.pack("<IIQ", at, len(c), 0)
            at += len(c)
    return body + END_OF_SECTION


def parse_shard(data):
    """The files of a shard, as the client wrote them, and the count of xorbs it describes."""
    assert data[:32] == SHARD_TAG, data[:32]
    at, files, described = 48, [], 0
    while data[at:at + 32] != b"\xff" * 32:
        hash, flags, count = data[at:at + 32], *struct.unpack_from("<II", data, at + 32)
        at += 48
        terms = []
        for _ in range(count):
            _, length, start, end = struct.unpack_from("<IIII", data, at + 32)
            terms.append(Term(data[at:at + 32], length, start, end, None))
            at += 48
        if flags & 0x8000_0000:
            for t in terms:
                t.proof = data[at:at + 32]
                at += 48
        sha256 = None
        if flags & 0x4000_0000:
            sha256 = text(data[at:at + 32])
            at += 48
        files.append(File(hash, terms, sha256))
    at += 48
    while at < len(data) and data[at:at + 32] != b"\xff" * 32:
        count, = struct.unpack_from("<I", data, at + 36)
        at += 48 * (1 + count)
        described += 1
    return files, described


class Store:
    """The CAS as a client without the vendors' code would talk to it, with one token."""

    def __init__(self, address, token):
        parts = urllib.parse.urlsplit(address)
        self.prefix = parts.path.rstrip("/")
        self.api = API(f"{parts.scheme}://{parts.netloc}", token)

    @classmethod
    def of(cls, person, repo, scope="write", revision="main"):
        """Asks the hub for a token, as the clients do."""
        with API(person.url, person.token) as hub:
            answer = hub.get(f"/api/models/{repo}/xet-{scope}-token/{revision}").expect(200)
        assert answer.headers["X-Xet-Access-Token"] == answer.json["accessToken"]
        assert answer.headers["X-Xet-Cas-Url"] == answer.json["casUrl"]
        assert int(answer.headers["X-Xet-Token-Expiration"]) == answer.json["exp"]
        return cls(answer.json["casUrl"], answer.json["accessToken"])

    def put_xorb(self, hash, data, prefix="default"):
        return self.api.post(f"{self.prefix}/v1/xorbs/{prefix}/{hash if isinstance(hash, str) else text(hash)}", body=data)

    def put_shard(self, data, version=1):
        return self.api.post(f"{self.prefix}/v{version}/shards", body=data)

    def get(self, path):
        return self.api.get(self.prefix + path)

    def close(self):
        self.api.close()


def shard_failed(answer) -> bool:
    """Whether a shard was refused, by status or (in version 2) by the last event of the stream."""
    if answer.status >= 400:
        return True
    events = [json.loads(line) for line in answer.body.splitlines() if line.strip()]
    return bool(events) and events[-1].get("type") == "error"
