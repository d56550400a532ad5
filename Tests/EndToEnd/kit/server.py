"""One server process on a free loopback port with a data root of its own."""

import os
import pathlib
import secrets
import signal
import subprocess
import time

from .api import API
from .places import binary, clean_environment


class NotStarted(Exception):
    """The server ended before it was ready; `status` and `log` say how."""

    def __init__(self, status, log):
        super().__init__(f"the server ended with status {status} before it was ready:\n{log[-3000:]}")
        self.status = status
        self.log = log


class Server:
    def __init__(self, folder, data=None, token=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = pathlib.Path(data) if data else self.folder / "data"
        self.token = token or "hf_" + secrets.token_hex(20)
        self.log_file = self.folder / "server.log"
        self.process = None
        self.url = None
        self.ready_seconds = None

    def spawn(self, *arguments, program=None, own_token=True, preexec=None, listen="127.0.0.1:0", **environment):
        """Starts the process and does not wait for it."""
        self.address_file = self.folder / "address"
        self.address_file.unlink(missing_ok=True)
        self.gateway_file = self.folder / "gateway-address"
        self.gateway_file.unlink(missing_ok=True)
        env = clean_environment(self.folder, **environment)
        if own_token:
            env["GRAYLING_ADMIN_TOKEN"] = self.token
        command = [program or binary(), "serve", "--data", str(self.data), "--address-file", str(self.address_file),
            "--gateway-address-file", str(self.gateway_file)]
        if listen:
            command += ["--listen", listen]
        self.began = time.monotonic()
        with open(self.log_file, "ab") as log:
            self.log_start = log.tell()
            self.process = subprocess.Popen(
                command + list(arguments), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                cwd=self.folder, preexec_fn=preexec)
        return self

    def start(self, *arguments, patience=60, **options):
        """Starts the process and waits until it is ready; raises NotStarted if it ends first."""
        self.spawn(*arguments, **options)
        return self.wait_ready(patience)

    def wait_ready(self, patience=60):
        deadline = self.began + patience
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise NotStarted(self.process.returncode, self.log)
            if self.address_file.exists():
                text = self.address_file.read_text().strip()
                if text:
                    self.url = text
                    break
            time.sleep(0.002)
        else:
            self.kill()
            raise NotStarted(None, f"not ready after {patience} s:\n{self.log}")
        with API(self.url) as api:
            while api.get("/readyz").status != 200:
                if time.monotonic() > deadline:
                    raise NotStarted(None, f"/readyz is not 200 after {patience} s:\n{self.log}")
                time.sleep(0.002)
        self.ready_seconds = time.monotonic() - self.began
        return self

    @property
    def gateway(self):
        """The address of its gateway, which is there before the hub's."""
        return self.gateway_file.read_text().strip()

    @property
    def log(self):
        """What this process wrote since its last start, standard output and error together."""
        with open(self.log_file, "rb") as log:
            log.seek(self.log_start)
            return log.read().decode(errors="replace")

    @property
    def whole_log(self):
        return self.log_file.read_text(errors="replace")

    def api(self, token="own", **options):
        return API(self.url, self.token if token == "own" else token, **options)

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, patience=30):
        """Asks it to stop; returns its exit status."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)
        return self.wait(patience)

    def kill(self):
        if self.is_running:
            self.process.send_signal(signal.SIGKILL)
        return self.wait(10)

    def wait(self, patience=30):
        if self.process is None:
            return None
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError(f"the server was still there {patience} s after it was asked to stop:\n{self.log[-3000:]}")

    def restart(self, *arguments, **options):
        self.stop()
        return self.start(*arguments, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_running:
            self.process.kill()
            self.process.wait(10)


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def bytes_on_disk(folder):
    """Bytes that the files under a folder take, as du counts them."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total
