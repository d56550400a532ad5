"""What one does with the CAS without a client: make a file with all that would be sent for it, send
true and untrue versions, and see what was kept."""

import contextlib
import hashlib
import json
import pathlib

from . import xet
from .xet import File, Term
from kit.content import bytes_of


class Made:
    """A file of three chunks, unlike any other test's, with all that a client would send for it."""

    def __init__(self, seed, chunks=None):
        self.chunks = chunks or [bytes_of(20_000 + i, f"{seed} {i}") for i in range(3)]
        self.data = b"".join(self.chunks)
        self.sha256 = hashlib.sha256(self.data).hexdigest()
        self.name = xet.xorb_hash(self.chunks)
        self.xorb = xet.xorb(self.chunks)

    def term(self, **changes):
        usual = {"xorb": self.name, "length": len(self.data), "start": 0, "end": len(self.chunks), "proof": xet.range_hash(self.chunks)}
        return Term(**usual | changes)

    def file(self, terms=None, **changes):
        return File(**{"hash": xet.file_hash(self.chunks), "terms": terms or [self.term()], "sha256": self.sha256} | changes)

    def shard(self, terms=None, with_xorb=False, **changes):
        return xet.shard([self.file(terms, **changes)], [self.chunks] if with_xorb else [])


def kept(server):
    return {str(p.relative_to(server.data)) for p in server.data.rglob("*") if p.is_file() and not p.name.startswith(("catalog.sqlite", "lock"))}


@contextlib.contextmanager
def nothing_kept(server):
    before = kept(server)
    yield
    assert kept(server) <= before, sorted(kept(server) - before)


def in_words(answer, *statuses):
    assert answer.status in (statuses or (400, 403, 404, 409, 413, 422)), (answer.status, answer.body[:500])
    text = answer.json.get("error") or answer.json.get("message") or answer.json.get("detail")
    assert isinstance(text, str) and len(text) > 15, answer.json
    return answer


def commit(api, repo, made, path="w.bin"):
    body = ('{"key":"header","value":{"summary":"by hand","description":""}}\n'
            + json.dumps({"key": "lfsFile", "value": {"path": path, "algo": "sha256", "oid": made.sha256, "size": len(made.data)}}) + "\n")
    return api.post(f"/api/models/{repo}/commit/main", body=body.encode(), headers={"Content-Type": "application/x-ndjson"})


def is_taken(store, hub, model, made, alice):
    """The true bytes pass, so that what was refused before was refused for what was wrong with it."""
    assert store.put_xorb(made.name, made.xorb).expect(200).json["was_inserted"] in (True, False)
    assert store.put_shard(made.shard(with_xorb=True)).expect(200).json["result"] in (0, 1)
    commit(hub, model, made).expect(200)
    assert pathlib.Path(alice.hf_hub_download(model, "w.bin", force_download=True)).read_bytes() == made.data
