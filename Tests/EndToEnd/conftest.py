import re
import sys
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from kit.api import API
from kit.cli import Machine
from kit.server import Server
from kit.serving import Deployer

#: Every server that was started and every secret that was made; the last test reads all logs.
SERVERS: list[Server] = []
SECRETS: list[str] = []


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


def remember(server):
    SERVERS.append(server)
    SECRETS.append(server.token)
    return server


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    """The server that most tests share; each keeps to repos of its own."""
    with remember(Server(tmp_path_factory.mktemp("hub"))) as server:
        server.start()
        yield server
        assert server.stop() == 0, server.log[-3000:]


@pytest.fixture
def server(tmp_path):
    """A server of the test's own, not started yet."""
    with remember(Server(tmp_path / "server")) as server:
        yield server


@pytest.fixture
def new_server(tmp_path):
    """Makes further servers of the test's own."""
    made = []

    def make(name, **options):
        made.append(remember(Server(tmp_path / name, **options)))
        return made[-1]

    yield make
    for server in made:
        server.__exit__()


@pytest.fixture
def api(hub):
    with hub.api() as api:
        yield api


@pytest.fixture
def stranger(hub):
    with API(hub.url) as api:
        yield api


@pytest.fixture
def repo(request):
    """A repo's name that no other test uses; nothing is there yet."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    return f"acme/{words[:80].strip('-')}"


@pytest.fixture
def machine(hub, tmp_path):
    """A computer whose user is the admin of the shared server."""
    return Machine(tmp_path / "machine", hub.url, hub.token)


@pytest.fixture
def user(hub):
    """Makes users: name, role of the token → an API of theirs."""
    opened = []

    def make(name, role="writer", **wishes):
        with hub.api() as admin:
            made = admin.post("/hub/v1/tokens", as_json={"name": "test", "role": role, "user": name, **wishes}).expect(201).json
        SECRETS.append(made["secret"])
        api = API(hub.url, made["secret"])
        api.token_id = made["token"]["id"]
        opened.append(api)
        return api

    yield make
    for api in opened:
        api.close()


@pytest.fixture
def deployer(hub, machine, request):
    """Somebody with an endpoint and a model of their own on the shared server; nothing serves yet."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower().removeprefix("test_")).strip("-")
    deployer = Deployer(machine, hub, words[:50].strip("-"))
    yield deployer
    deployer.forget()
