"""The commands that look around and name things; each also with --json."""

import pytest

from kit.cli import Machine
from kit.content import small_model, write_folder
from conftest import SECRETS


@pytest.fixture
def whale(machine, repo, tmp_path):
    """Two versions of a model; returns the commits."""
    folder = write_folder(tmp_path / "whale", small_model())
    first = machine("publish", folder, f"{repo}@1.0.0", "-m", "first", "--json").json
    (folder / "config.json").write_text('{"hidden_size": 768}\n')
    (folder / "README.md").unlink()
    (folder / "LICENSE").write_text("Apache\n")
    second = machine("publish", folder, f"{repo}@1.1.0", "-m", "second", "--json").json
    return first["revision"]["commit"], second["revision"]["commit"]


def test_list_and_search(machine, repo, whale):
    name = repo.split("/")[1]
    assert repo in machine("list").out and repo in machine("search", name).out
    assert repo in [f"{r['owner']}/{r['name']}" for r in machine("list", "--json").json["items"]]
    assert machine("search", "no-such-words-anywhere", "--json").json["items"] == []


def test_show(machine, repo, whale):
    shown = machine("show", repo, "--json").json
    assert shown["repo"]["head"] == whale[1] and {v["name"] for v in shown["refs"]["versions"]} == {"1.0.0", "1.1.0"}
    assert machine("show", f"{repo}@1.0.0", "--json").json["commit"] == whale[0]
    out = machine("show", repo).out
    assert "1.0.0" in out and "1.1.0" in out and whale[1] in out


def test_files_log_diff(machine, repo, whale):
    assert {f["path"] for f in machine("files", f"{repo}@1.0.0", "--json").json["items"]} == set(small_model())
    assert len(machine("files", repo, "--prefix", "tokenizer/", "--json").json["items"]) == 2
    assert [r["commit"] for r in machine("log", repo, "--json").json["items"]] == [whale[1], whale[0]]
    assert len(machine("log", repo, "--limit", "1", "--json").json["items"]) == 1
    diff = machine("diff", f"{repo}@1.0.0", "1.1.0", "--json").json
    assert ([f["path"] for f in diff["added"]], [f["path"] for f in diff["removed"]], [c["path"] for c in diff["changed"]]) == (
        ["LICENSE"], ["README.md"], ["config.json"])
    out = machine("diff", f"{repo}@1.0.0").out
    assert "+  LICENSE" in out and "-  README.md" in out and "~  config.json" in out


def test_tag_alias_branch(machine, repo, whale):
    assert machine("tag", f"{repo}@1.0.0", "1.0.0-final", "--json").json["commit"] == whale[0]
    assert machine.run("tag", f"{repo}@main", "1.0.0").status == 1
    assert machine("alias", f"{repo}@1.0.0", "champion", "--json").json["commit"] == whale[0]
    machine("alias", f"{repo}@1.1.0", "champion")
    moves = machine("alias", repo, "champion", "--history", "--json").json["items"]
    assert [(m.get("from"), m["to"]) for m in moves] == [(whale[0], whale[1]), (None, whale[0])]
    assert machine("branch", f"{repo}@1.0.0", "hotfix", "--json").json["commit"] == whale[0]
    assert machine("branch", f"{repo}@1.1.0", "hotfix", "--json").json["commit"] == whale[1]
    machine("alias", repo, "champion", "--delete")
    assert machine.run("show", f"{repo}@champion").status == 1
    machine("delete", repo, "--branch", "hotfix")
    assert machine.run("delete", repo, "--branch", "main").status == 1


def test_lineage(machine, repo, whale, tmp_path):
    machine("publish", write_folder(tmp_path / "q4", {"q4.gguf": "smaller"}), f"{repo}-q4@1", "--base", f"{repo}@1.0.0:quantized")
    machine("publish", write_folder(tmp_path / "data", {"rows.csv": "a,b"}), f"{repo}-rows@1", "--dataset")
    machine("lineage", f"{repo}-q4@1", "--add", f"{repo}-rows@1:dataset")
    up = machine("lineage", f"{repo}-q4@1", "--json").json["steps"]
    assert {(s["kind"], s["parent"]["repo"], s["parent"]["kind"]) for s in up} == {("quantized", repo, "model"), ("dataset", f"{repo}-rows", "dataset")}
    assert f"{repo}-q4" in machine("lineage", f"{repo}@1.0.0", "--down").out
    assert "nothing known" in machine("lineage", f"{repo}-q4@1", "--down").out
    assert machine.run("lineage", f"{repo}@1.0.0", "--add", f"{repo}-q4@1").status == 1, "no cycles"


def test_delete(machine, repo, whale):
    machine("delete", f"{repo}@1.1.0", "--reason", "trained on the test set")
    assert "trained on the test set" in machine("show", f"{repo}@1.1.0").out
    refused = machine.run("delete", repo)
    assert refused.status == 1 and "--yes" in refused.err
    machine("delete", repo, "--yes")
    assert machine.run("show", repo).status == 1


def test_login_whoami_logout(hub, tmp_path):
    person = Machine(tmp_path / "person")
    assert person.run("whoami", "--server", hub.url).status == 1
    person("login", hub.url, input=hub.token.encode() + b"\n")
    saved = person.home / ".config/grayling/credentials.json"
    assert saved.stat().st_mode & 0o777 == 0o600
    assert person("whoami", "--json").json["user"] == "admin"
    wrong = person.run("login", hub.url, input=b"hf_wrong-wrong-wrong\n")
    assert wrong.status == 1 and person("whoami", "--json").json["user"] == "admin"
    person("login", hub.url, "--forget")
    assert person.run("whoami", "--server", hub.url).status == 1


def test_tokens(hub, machine, tmp_path):
    made = machine("token", "create", "ci", "--role", "writer", "--expires-in", "90d", "--json").json
    SECRETS.append(made["secret"])
    secret = machine("token", "create", "ci-two", "--role", "reader", "--user", "cli-user").out.strip()
    SECRETS.append(secret)
    assert Machine(tmp_path / "ci", hub.url, secret)("whoami", "--json").json == {
        "user": "cli-user", "isSiteAdmin": False, "role": "reader", "token": "ci-two"}
    listed = {t["id"]: t for t in machine("token", "list", "--json").json["items"]}
    assert listed[made["token"]["id"]]["expires"] and secret not in machine("token", "list", "--json").out
    machine("token", "revoke", made["token"]["id"])
    assert Machine(tmp_path / "gone", hub.url, made["secret"]).run("whoami").status == 1


@pytest.mark.parametrize("arguments, status", [
    (["frobnicate"], 64), (["publish"], 64), (["pull", "--tar", "--zip", "a/b"], 64), (["lineage", "a/b", "--up", "--down"], 64),
    (["show", "no-slash"], 1), (["show", "acme/never-was"], 1), (["show", "../.."], 1), (["pull", "acme/never-was@1"], 1)])
def test_exit_statuses(machine, arguments, status):
    done = machine.run(*arguments)
    assert done.status == status and done.err.strip(), (done.status, done.err)


def test_failures_in_json(machine):
    failed = machine.run("show", "acme/never-was", "--json")
    assert failed.status == 1 and failed.json["error"]["code"] == "unknown-repo" and "acme/never-was" in failed.json["error"]["message"]


def test_a_server_that_is_not_there(machine):
    failed = machine.run("list", GRAYLING_URL="http://127.0.0.1:1")
    assert failed.status == 1 and "127.0.0.1:1" in failed.err and len(failed.err.splitlines()) <= 3, failed.err


def test_every_command_helps(machine):
    top = machine("--help").out
    commands = ["serve", "login", "whoami", "token", "publish", "pull", "verify", "search", "list", "show", "files", "log", "diff", "lineage",
                "tag", "alias", "delete", "pin", "collect", "backup", "restore", "doctor"]
    for command in commands:
        assert f"  {command} " in top or f"  {command}\n" in top, command
        assert "USAGE" in machine(command, "--help").out
