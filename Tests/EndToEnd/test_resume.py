"""An upload that was cut goes on, on the same machine or another."""

import time

import pytest

from kit.cli import Machine
from kit.content import sha256_of, write_file
from kit.wire import Relay

SIZE = 100 << 20
PART = 32 << 20


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_file(tmp_path_factory.mktemp("resume") / "weights.bin", SIZE, "resume")


def publish_and_kill(machine, hub, weights, repo):
    """Kills the publisher when two parts have arrived. Returns the bytes it had sent."""
    with Relay(hub.url, rate=40 << 20) as relay:
        publishing = machine.spawn("publish", weights, repo, GRAYLING_URL=relay.url)
        deadline = time.monotonic() + 60
        while len(list(hub.data.glob("uploads/*/parts/*"))) < 2:
            assert publishing.poll() is None and time.monotonic() < deadline, publishing.communicate()
            time.sleep(0.01)
        publishing.kill()
        publishing.communicate()
        return relay.sent


def published(machine, repo, weights, tmp_path):
    machine("pull", repo, tmp_path / "back")
    assert sha256_of(tmp_path / "back/weights.bin") == sha256_of(weights)


def test_a_killed_publish_goes_on(server, weights, repo, tmp_path):
    server.start()
    machine = Machine(tmp_path / "machine", server.url, server.token)
    publish_and_kill(machine, server, weights, repo)
    arrived = len(list(server.data.glob("uploads/*/parts/*"))) * PART
    with Relay(server.url) as relay:
        machine("publish", weights, repo, GRAYLING_URL=relay.url)
        assert relay.sent < SIZE - arrived + PART + 1_000_000, f"{relay.sent} bytes again, though {arrived} had arrived"
    published(machine, repo, weights, tmp_path)


def test_another_machine_goes_on(server, weights, repo, tmp_path):
    server.start()
    publish_and_kill(Machine(tmp_path / "laptop", server.url, server.token), server, weights, repo)
    arrived = len(list(server.data.glob("uploads/*/parts/*"))) * PART
    other = Machine(tmp_path / "desktop", server.url, server.token)
    with Relay(server.url) as relay:
        other("publish", weights, repo, GRAYLING_URL=relay.url)
        assert relay.sent < SIZE - arrived + PART + 1_000_000
    published(other, repo, weights, tmp_path)
    assert list(server.data.glob("uploads/*")) == []


def test_a_cable_that_is_pulled_is_got_over(server, weights, repo, tmp_path):
    server.start()
    machine = Machine(tmp_path / "machine", server.url, server.token)
    with Relay(server.url, rate=60 << 20) as relay:
        publishing = machine.spawn("publish", weights, repo, GRAYLING_URL=relay.url)
        for _ in range(3):
            time.sleep(0.5)
            relay.cut()
        relay.rate = None
        out, err = publishing.communicate(timeout=120)
        assert publishing.returncode == 0, err
    published(machine, repo, weights, tmp_path)


def test_a_server_that_restarts_is_waited_for(server, weights, repo, tmp_path):
    from kit.server import free_port

    port = free_port()
    server.start(listen=f"127.0.0.1:{port}")
    machine = Machine(tmp_path / "machine", server.url, server.token)
    with Relay(server.url, rate=60 << 20) as relay:
        publishing = machine.spawn("publish", weights, repo, GRAYLING_URL=relay.url)
        time.sleep(1)
        server.kill()
        server.start(listen=f"127.0.0.1:{port}")
        relay.rate = None
        out, err = publishing.communicate(timeout=120)
        assert publishing.returncode == 0, err
    published(machine, repo, weights, tmp_path)
