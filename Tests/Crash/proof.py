"""What must hold after every crash."""

from kit.api import digest


class Ledger:
    """What the server acknowledged: (repo, commit) → {path: (digest, size)}."""

    def __init__(self):
        self.revisions = {}

    def note(self, revision, files):
        self.revisions[revision["repo"], revision["commit"]] = {p: (digest(d), len(d)) for p, d in files.items()}


def prove_whole(api, repo, commit, files):
    """The revision is there, lists exactly its files, and each has the bytes of its digest."""
    shown = api.get(f"/hub/v1/models/{repo}/revisions/{commit}").expect(200).json
    assert shown["files"] == len(files), shown
    listed = {f["path"]: (f["digest"], f["size"]) for f in api.pages(f"/hub/v1/models/{repo}/files?revision={commit}")}
    assert listed == files, f"{repo}@{commit} lists {listed}, acknowledged were {files}"
    for path, (name, size) in files.items():
        body = api.resolve(repo, commit, path).expect(200).body
        assert len(body) == size and digest(body) == name, f"{repo}@{commit} {path}: {len(body)} bytes of {digest(body)}, expected {name}"


def prove_store(api):
    """Every row has its bytes, every blob its digest, and the log its chain."""
    report = api.verify_store()
    assert report["damaged"] == [] and report["missing"] == [] and report["problems"] == [] and report["chainIntact"], report
    return report


def prove_tidy(server):
    """A start leaves nothing half received."""
    assert list((server.data / "incoming").iterdir()) == []
    for upload in (server.data / "uploads").iterdir():
        assert (upload / "meta").exists(), f"{upload} has no meta"
