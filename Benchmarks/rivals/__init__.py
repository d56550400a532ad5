"""The programs we compare with, each on a free port with a folder of its own."""

import os
import pathlib
import shutil
import socket
import string
import subprocess
import time

from kit.server import free_port

HERE = pathlib.Path(__file__).resolve().parent


class Rival:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def configure(self, template, **values):
        text = string.Template((HERE / template).read_text()).substitute(folder=self.folder, port=self.port, **values)
        path = self.folder / template
        path.write_text(text)
        return path

    def launch(self, command):
        with open(self.folder / "output.log", "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)
        raise SystemExit(f"{command[0]} did not start: {(self.folder / 'output.log').read_text()}")

    @property
    def pid(self):
        return self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


class Nginx(Rival):
    """Serves the files under `root`."""

    def __init__(self, folder):
        super().__init__(folder)
        self.root = self.folder / "root"
        self.root.mkdir()
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        config = self.configure("nginx.conf", root=self.root, user="user root;" if os.getuid() == 0 else "")
        self.launch([program, "-e", str(self.folder / "error.log"), "-c", str(config)])


class DockerRegistry(Rival):
    def __init__(self, folder):
        super().__init__(folder)
        self.launch(["docker-registry", "serve", str(self.configure("docker-registry.yml"))])
