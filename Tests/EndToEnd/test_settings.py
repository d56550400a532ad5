"""Flags before environment before file, and `--print-config` says which it was."""

import re

from kit.cli import Machine


def line_of(text, value):
    found = [line for line in text.splitlines() if value in line]
    assert found, f"{value!r} is nowhere in:\n{text}"
    return found[0]


def test_precedence_and_where_each_value_came_from(tmp_path):
    machine = Machine(tmp_path)
    file = tmp_path / "settings.yaml"
    file.write_text(f"data: {tmp_path}/from-file\nlisten: 127.0.0.1:7171\n")

    out = machine("serve", "--config", file, "--print-config").out
    assert "file" in line_of(out, "127.0.0.1:7171").lower() or "settings.yaml" in line_of(out, "127.0.0.1:7171")

    out = machine("serve", "--config", file, "--print-config", GRAYLING_LISTEN="127.0.0.1:7272").out
    assert "GRAYLING_LISTEN" in line_of(out, "127.0.0.1:7272")
    assert "7171" not in out and f"{tmp_path}/from-file" in out

    out = machine("serve", "--config", file, "--print-config", "--listen", "127.0.0.1:7373", GRAYLING_LISTEN="127.0.0.1:7272").out
    assert re.search("flag|--listen", line_of(out, "127.0.0.1:7373"))
    assert "7272" not in out and "7171" not in out
    assert not (tmp_path / "from-file").exists(), "printing settings changes nothing"


def test_print_config_shows_defaults_and_no_secret(tmp_path):
    machine = Machine(tmp_path)
    out = machine("serve", "--print-config", GRAYLING_ADMIN_TOKEN="hf_" + "s" * 40).out
    assert "default" in line_of(out, "127.0.0.1:7070")
    assert "s" * 40 not in out


def test_a_misspelt_setting_is_refused(tmp_path):
    machine = Machine(tmp_path)
    file = tmp_path / "settings.yaml"
    file.write_text("lisen: 127.0.0.1:7171\n")
    refused = machine.run("serve", "--config", file, "--print-config")
    assert refused.status != 0 and "lisen" in refused.err, refused.err


def test_a_bad_value_is_refused_with_its_place(tmp_path):
    machine = Machine(tmp_path)
    for listen in ("nonsense", "127.0.0.1:99999", "127.0.0.1"):
        refused = machine.run("serve", "--data", tmp_path / "data", "--listen", listen)
        assert refused.status not in (0, None) and listen in refused.err, refused.err
    missing = machine.run("serve", "--config", tmp_path / "absent.yaml", "--print-config")
    assert missing.status != 0 and "absent.yaml" in missing.err


def test_a_port_in_use_is_said(server, new_server):
    import pytest
    from kit.server import NotStarted

    server.start()
    port = server.url.rsplit(":", 1)[1]
    with pytest.raises(NotStarted) as refused:
        new_server("second").start(listen=f"127.0.0.1:{port}")
    assert refused.value.status != 0 and port in refused.value.log
