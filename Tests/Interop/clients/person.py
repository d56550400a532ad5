"""Somebody at a computer of their own, with the vendors' clients installed and nothing else set up."""

import pathlib
import subprocess
import sys

from kit.cli import Outcome
from kit.places import clean_environment


def quiet_environment(home, url, token=None, **more):
    """What a person would have set: the server, and that the clients call nobody but it."""
    kept = {name: value for name, value in clean_environment(home).items() if not name.startswith(("HF_", "HUGGING", "TRANSFORMERS_"))}
    kept.update(
        HF_ENDPOINT=url, HF_HOME=f"{home}/hf", HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_UPDATE_CHECK="1",
        HF_HUB_DISABLE_PROGRESS_BARS="1", NO_COLOR="1", NO_PROXY="127.0.0.1,localhost", no_proxy="127.0.0.1,localhost",
        GIT_CONFIG_NOSYSTEM="1", GIT_TERMINAL_PROMPT="0", PYTHONIOENCODING="utf-8")
    if token:
        kept["HF_TOKEN"] = token
    kept.update({name: str(value) for name, value in more.items()})
    return kept


class Person:
    """Two of them share nothing but the server: not the login, not what a client remembers."""

    def __init__(self, folder, url, token=None):
        self.folder = pathlib.Path(folder)
        self.home = self.folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.url = url
        self.token = token

    def environment(self, **more):
        return quiet_environment(self.home, self.url, self.token, **more)

    def spawn(self, command, cwd=None, **environment):
        return subprocess.Popen(
            list(map(str, command)), cwd=cwd or self.folder, env=self.environment(**environment),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, command, cwd=None, patience=100, **environment):
        command = list(map(str, command))
        done = subprocess.run(
            command, cwd=cwd or self.folder, env=self.environment(**environment), stdin=subprocess.DEVNULL,
            capture_output=True, timeout=patience)
        return Outcome(command, done.returncode, done.stdout, done.stderr)

    def try_hf(self, *arguments, **options):
        """The `hf` command, however it ends."""
        return self.run([pathlib.Path(sys.executable).with_name("hf"), *arguments], **options)

    def hf(self, *arguments, **options):
        """The `hf` command; it is to succeed."""
        return self.try_hf(*arguments, **options).expect(0)

    def python(self, program, *arguments, **options):
        """A program that uses the library; it is to succeed. `api` is an HfApi in it."""
        head = "import sys, json\nfrom huggingface_hub import *\napi = HfApi()\n"
        return self.run([sys.executable, "-c", head + program, *arguments], **options).expect(0)

    def git(self, *arguments, **options):
        return self.run(["git", *arguments], **options).expect(0)


