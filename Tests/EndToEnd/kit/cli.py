"""The command line as a person on some machine uses it: one HOME, one folder, one server."""

import json
import pathlib
import subprocess

from .places import binary, clean_environment


class Outcome:
    def __init__(self, command, status, out, err):
        self.command = command
        self.status = status
        self.raw = out
        self.out = out.decode(errors="replace")
        self.err = err.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        """Answers that come as lines of JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    def expect(self, status=0):
        # A backtrace begins with what matters; all else ends with it.
        err = self.err[:12_000] if "Backtrace" in self.err else self.err[-2000:]
        assert self.status == status, f"{' '.join(self.command)}\nexpected status {status}, got {self.status}\n{self.out[-2000:]}\n{err}"
        return self


class Machine:
    """Somebody's computer. Two of them share nothing but the server."""

    def __init__(self, folder, server=None, token=None):
        self.folder = pathlib.Path(folder)
        self.home = self.folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.server = server
        self.token = token

    def environment(self, **more):
        env = clean_environment(self.home, **more)
        if self.server:
            env.setdefault("GRAYLING_URL", self.server)
        if self.token:
            env.setdefault("GRAYLING_TOKEN", self.token)
        return env

    def spawn(self, *arguments, cwd=None, stdin=subprocess.DEVNULL, **environment):
        return subprocess.Popen(
            [binary(), *map(str, arguments)], cwd=cwd or self.folder, env=self.environment(**environment),
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *arguments, cwd=None, input=None, patience=120, **environment):
        command = [binary(), *map(str, arguments)]
        done = subprocess.run(
            command, cwd=cwd or self.folder, env=self.environment(**environment), input=input,
            stdin=subprocess.DEVNULL if input is None else None, capture_output=True, timeout=patience)
        return Outcome(command, done.returncode, done.stdout, done.stderr)

    def __call__(self, *arguments, **options):
        """Runs a command that is to succeed."""
        return self.run(*arguments, **options).expect(0)
