"""A deploy manifest, its lock, and a folder pulled by the lock."""

import json

import pytest

from kit.api import digest
from kit.content import read_folder, sha256_of, small_model, write_folder


@pytest.fixture
def deployment(machine, repo, tmp_path):
    """A manifest that names two models and a dataset."""
    folder = tmp_path / "deploy"
    folder.mkdir()
    machine("publish", write_folder(tmp_path / "encoder", small_model("encoder")), f"{repo}-encoder@1.10")
    machine("publish", write_folder(tmp_path / "ranker", small_model("ranker")), f"{repo}-ranker@1.0.0")
    machine("alias", f"{repo}-ranker@1.0.0", "champion")
    machine("publish", write_folder(tmp_path / "words", {"words.txt": "a\nb\n"}), f"{repo}-words", "--dataset")
    (folder / "deploy.yaml").write_text(f"""apiVersion: grayling/v1
kind: Deployment
metadata:
  name: chat
spec:
  models:
    - as: ranker
      model: {repo}-ranker
      alias: champion
    - as: encoder
      model: {repo}-encoder
      version: 1.10
    - as: words
      model: {repo}-words
      kind: dataset
      branch: main
""")
    return folder


def test_pin_writes_the_same_bytes_every_time(machine, deployment):
    machine("pin", "-f", "deploy.yaml", cwd=deployment)
    first = (deployment / "deploy.lock").read_bytes()
    (deployment / "deploy.lock").unlink()
    out = machine("pin", "-f", "deploy.yaml", cwd=deployment).out
    assert (deployment / "deploy.lock").read_bytes() == first and digest(first) in out
    lock = json.loads(first)
    assert [m["as"] for m in lock["models"]] == ["encoder", "ranker", "words"]
    assert lock["models"][0]["asked"] == "version 1.10" and lock["models"][1]["asked"] == "alias champion"
    assert lock["manifest"] == digest((deployment / "deploy.yaml").read_bytes())
    assert all(f["digest"].startswith("sha256:") for m in lock["models"] for f in m["files"])


def test_check_notices_what_moved(machine, repo, deployment, tmp_path):
    missing = machine.run("pin", "--check", cwd=deployment)
    assert missing.status == 1 and "does not exist" in missing.out + missing.err
    machine("pin", cwd=deployment)
    assert "current" in machine("pin", "--check", cwd=deployment).out
    before = (deployment / "deploy.lock").read_bytes()

    (tmp_path / "ranker/config.json").write_text("{}")
    machine("publish", tmp_path / "ranker", f"{repo}-ranker@2.0.0")
    assert machine.run("pin", "--check", cwd=deployment).status == 0, "a new version moves no alias"
    machine("alias", f"{repo}-ranker@2.0.0", "champion")
    stale = machine.run("pin", "--check", "--json", cwd=deployment)
    assert stale.status == 1 and not stale.json["isCurrent"] and "ranker" in stale.json["differences"][0]
    assert (deployment / "deploy.lock").read_bytes() == before, "a check writes nothing"
    machine("pin", cwd=deployment)
    assert (deployment / "deploy.lock").read_bytes() != before


def test_pull_by_the_lock(machine, repo, deployment, tmp_path):
    machine("pin", cwd=deployment)
    machine("alias", f"{repo}-ranker@1.0.0", "champion")
    (tmp_path / "ranker/config.json").write_text("{}")
    machine("publish", tmp_path / "ranker", f"{repo}-ranker@3.0.0")
    machine("alias", f"{repo}-ranker@3.0.0", "champion")
    machine("pull", "--lock", "deploy.lock", "models", cwd=deployment)
    assert read_folder(deployment / "models/encoder") == small_model("encoder")
    assert read_folder(deployment / "models/ranker") == small_model("ranker"), "the lock decides, not the alias of today"
    assert read_folder(deployment / "models/words") == {"words.txt": b"a\nb\n"}
    for model in json.loads((deployment / "deploy.lock").read_text())["models"]:
        for file in model["files"]:
            assert "sha256:" + sha256_of(deployment / "models" / model["as"] / file["path"]) == file["digest"]
        machine("verify", deployment / "models" / model["as"])
    machine("pull", "--lock", "deploy.lock", "--model", "words", tmp_path / "one", cwd=deployment)
    assert read_folder(tmp_path / "one") == {"words.txt": b"a\nb\n"}


def test_a_lock_that_was_edited_is_refused(machine, deployment):
    machine("pin", cwd=deployment)
    lock = deployment / "deploy.lock"
    lock.write_text(json.dumps(json.loads(lock.read_text()), indent=1))
    refused = machine.run("pull", "--lock", "deploy.lock", "models", cwd=deployment)
    assert refused.status == 1 and "grayling pin" in refused.err
    assert not (deployment / "models").exists()


def test_a_registered_lock_protects_what_it_pins(machine, repo, deployment):
    out = machine("pin", cwd=deployment).out
    name = next(line.split()[-1] for line in out.splitlines() if line.startswith("digest"))
    assert name in machine("pin", "--list").out
    refused = machine.run("delete", f"{repo}-encoder", "--yes")
    assert refused.status == 1 and "lock" in refused.err, refused.err
    machine("pin", "--release", name)
    assert name not in machine("pin", "--list").out
    machine("delete", f"{repo}-encoder", "--yes")


@pytest.mark.parametrize("text, expected", [
    ("", "empty"), ("apiVersion: grayling/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {models: []}\n", "at least one"),
    ("apiVersion: grayling/v9\nkind: Deployment\n", "grayling/v9"), ("a: [", "YAML"),
    ("apiVersion: grayling/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {models: [{model: acme/never-was, version: '1'}]}\n---\na: [\n", "YAML"),
    ("apiVersion: grayling/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  models:\n    - model: acme/x\n      verion: '1'\n", "verion"),
    ("apiVersion: grayling/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  models:\n    - model: acme/x\n", "exactly one of"),
    ("apiVersion: grayling/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  models:\n    - model: acme/never-was\n      version: '1'\n", "never-was")])
def test_manifests_that_are_refused(machine, tmp_path, text, expected):
    (tmp_path / "deploy.yaml").write_text(text)
    refused = machine.run("pin", cwd=tmp_path)
    assert refused.status == 1 and expected in refused.err, refused.err
    assert not (tmp_path / "deploy.lock").exists()


def test_a_digest_in_the_manifest_is_held_to(machine, repo, deployment, tmp_path):
    right = machine("show", f"{repo}-encoder@1.10", "--json").json["manifest"]
    for value, status in ((right, 0), ("sha256:" + "0" * 64, 1)):
        (tmp_path / "deploy.yaml").write_text(
            f"apiVersion: grayling/v1\nkind: Deployment\nmetadata: {{name: x}}\nspec:\n  models:\n"
            f"    - as: encoder\n      model: {repo}-encoder\n      version: '1.10'\n      digest: {value}\n")
        assert machine.run("pin", "--no-register", cwd=tmp_path).status == status
