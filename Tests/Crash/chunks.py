"""Two files as a Xet client would send them: two xorbs of one chunk each, and the shard that says so.

The names were computed once with the public BLAKE3 library; this suite runs without it."""

import struct
import urllib.parse

from kit.api import API, digest
from kit.content import bytes_of

TAG = bytes.fromhex("48465265706f4d6574614461746100556967456a7b815783a5bdd95ccdd14aa9")
END = b"\xff" * 32 + bytes(16)


def raw(digits):
    """The bytes of a hash from the text that addresses carry: four little-endian words."""
    return struct.pack("<4Q", *(int(digits[i:i + 16], 16) for i in range(0, 64, 16)))


class Sent:
    """A file of two chunks."""

    def __init__(self, label, xorbs, file, proofs):
        self.chunks = [bytes_of(100_000, f"{label} one"), bytes_of(90_000, f"{label} two")]
        self.data = b"".join(self.chunks)
        self.xorbs, self.file, self.proofs = xorbs, file, proofs

    def frames(self):
        for name, chunk in zip(self.xorbs, self.chunks):
            length = len(chunk).to_bytes(3, "little")
            yield name, b"\0" + length + b"\0" + length + chunk

    @property
    def shard(self):
        parts = [TAG, struct.pack("<QQ", 2, 0), raw(self.file), struct.pack("<II8x", 0xC0000000, 2)]
        parts += [raw(name) + struct.pack("<4I", 0, len(chunk), 0, 1) for name, chunk in zip(self.xorbs, self.chunks)]
        parts += [bytes.fromhex(proof) + bytes(16) for proof in self.proofs]
        parts += [raw(digest(self.data)[7:]) + bytes(16), END, END]
        return b"".join(parts)

    def send(self, api, repo):
        """Sends both xorbs, then the shard."""
        token = api.get(f"/api/models/{repo}/xet-write-token/main").expect(200).json
        store = urllib.parse.urlsplit(token["casUrl"]).path
        with API(api.url, token["accessToken"], timeout=60) as cas:
            for name, frame in self.frames():
                cas.post(f"{store}/v1/xorbs/default/{name}", body=frame).expect(200)
            cas.post(f"{store}/v1/shards", body=self.shard).expect(200)


SHARD = Sent(
    "shard",
    ["65782380f6a9cec6a0c17e7730b980fff8f72581593bdffdd7b21300a64e00a6", "8b9106f6757612688346f12d34c97b3ab6616d454b4391ca47f1f2cae87d0804"],
    "922d8b1bb6a2422b57f466a4ea05f32d8bd91b8e80b134c61cf99d1cc680cc0f",
    ["da6aedd4497c2124f67aaa6b5d43a3e441665084ccbf85619f18cf479d799acd", "49c3ea130fb0135c7f6d15078390a01e5a614401b91a4dd67f0b716338fcfdd9"])
REFORM = Sent(
    "reform",
    ["67ddbe8f7b88c6dbae785d9ec42f60f57716e9274c91e3cfb4a70086d610b1cf", "1cae01b4c2118cd0f265c5514ad90bbc0329edb07533a9dbe040b917eaa89188"],
    "c870db5861edf72094a4645f372bdc2fd8c4ff5867b20d32e56804eca4d16dfc",
    ["126db2a65c5e6cb2c9b97ea138070b02e7d2734d1c49d3b28905052d13a530cb", "d9717536fcb14758c6d3206d9c2bc0df4d6ce014481efd86c742069d55df41e7"])
