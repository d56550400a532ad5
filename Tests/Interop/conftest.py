import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "EndToEnd")]

from clients.by_hand import Made
from clients.person import Person, quiet_environment
from clients.tap import Tap
from clients.xet import Store
from kit.api import API
from kit.places import binary
from kit.server import Server

#: The one server of this run and the folder it lives in.
STAGE = None


class Stage:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="grayling-interop-"))
        self.server = Server(self.folder / "server")
        self.secrets = {}
        self.names = set()

    def token(self, user, role="admin", **wishes):
        """A token of that user's; the first call makes the user."""
        key = (user, role, *wishes.items())
        if key not in self.secrets:
            with self.server.api() as admin:
                wish = {"name": "interop", "role": role, "user": user, **wishes}
                self.secrets[key] = admin.post("/hub/v1/tokens", as_json=wish).expect(201).json["secret"]
        return self.secrets[key]


def pytest_sessionstart(session):
    """The library reads its settings when it is imported, which is when tests are collected: so
    the server is there, and the settings are made, before that."""
    global STAGE
    if session.config.option.collectonly:
        os.environ["HF_ENDPOINT"] = "http://127.0.0.1:9"
        return
    # Asked to stop, it stops its server first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    STAGE = Stage()
    try:
        STAGE.server.start()
        STAGE.token("alice")
    except BaseException:
        STAGE.server.__exit__()
        shutil.rmtree(STAGE.folder, ignore_errors=True)
        raise
    home = STAGE.folder / "home"
    home.mkdir()
    settings = quiet_environment(home, STAGE.server.url, GRAYLING_BIN=binary())
    os.environ.clear()
    os.environ.update(settings)


def pytest_sessionfinish(session):
    if STAGE is None:
        return
    status = STAGE.server.stop()
    if status != 0:
        print(f"\nthe server ended with status {status}:\n{STAGE.server.log[-3000:]}")
        session.exitstatus = session.exitstatus or 1
    shutil.rmtree(STAGE.folder, ignore_errors=True)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(autouse=True)
def the_server_stays():
    """A server that ends under a test is that test's failure, and no other's."""
    server = STAGE.server
    if not server.is_running:
        server.start(listen=server.url.removeprefix("http://"))
    yield
    assert server.is_running, f"the server ended with status {server.process.returncode}:\n{server.log[-3000:]}"


@pytest.fixture(autouse=True)
def a_home(tmp_path, monkeypatch):
    """What the library keeps between calls, it keeps for this test only."""
    from huggingface_hub import constants

    home = tmp_path / "hf"
    monkeypatch.setenv("HF_HOME", str(home))
    for name, place in {"HF_HOME": home, "HF_HUB_CACHE": home / "hub", "HF_ASSETS_CACHE": home / "assets",
                        "HF_TOKEN_PATH": home / "token", "HF_STORED_TOKENS_PATH": home / "stored_tokens"}.items():
        monkeypatch.setattr(constants, name, str(place))
    return home


@pytest.fixture
def server():
    return STAGE.server


@pytest.fixture
def url(server):
    return server.url


@pytest.fixture
def repo(request):
    """A model's name under alice that no other test uses; nothing is there yet."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:60].strip("-")
    name, number = words, 1
    while name in STAGE.names:
        number += 1
        name = f"{words}-{number}"
    STAGE.names.add(name)
    return f"alice/{name}"


@pytest.fixture
def alice(url):
    """The library as alice uses it; she may do anything in her own namespace."""
    from huggingface_hub import HfApi

    return HfApi(endpoint=url, token=STAGE.token("alice"))


@pytest.fixture
def as_user(url):
    """The library as others use it: a user's name and a token's role, or None for nobody."""
    from huggingface_hub import HfApi

    def make(user, role="admin"):
        return HfApi(endpoint=url, token=STAGE.token(user, role) if user else False)

    return make


@pytest.fixture
def model(alice, repo):
    """An empty public model of alice's."""
    alice.create_repo(repo)
    return repo


@pytest.fixture
def private_model(alice, repo):
    alice.create_repo(repo, private=True)
    alice.upload_file(path_or_fileobj=b"for some eyes only", path_in_repo="a.txt", repo_id=repo)
    return repo


@pytest.fixture
def token():
    """A user's token: token("bob"), token("bob", "reader")."""
    return STAGE.token


@pytest.fixture
def person(tmp_path, url):
    """People with a computer each: person("alice"), person(None) for somebody without a token;
    `through` a tap."""
    count = 0

    def make(user="alice", role="admin", through=None):
        nonlocal count
        count += 1
        return Person(tmp_path / f"computer-{count}", through.url if through else url, STAGE.token(user, role) if user else None)

    return make


@pytest.fixture
def tap(url):
    with Tap(url) as tap:
        yield tap


@pytest.fixture
def hub(url):
    """Our server asked without any of the clients, as alice."""
    with API(url, STAGE.token("alice")) as hub:
        yield hub


@pytest.fixture
def new_server(tmp_path):
    """A server of the test's own, not started yet."""
    with Server(tmp_path / "server") as server:
        yield server


@pytest.fixture
def made(repo):
    """A file for the CAS that no other test has."""
    return Made(repo)


@pytest.fixture
def store(person, model):
    """The CAS with alice's token for writing to a model of hers."""
    store = Store.of(person("alice"), model)
    yield store
    store.close()
