"""Reverse proxies to compare the gateway with, and what stands behind all of them."""

import os
import shutil

from . import Rival

USER = "user root;" if os.getuid() == 0 else ""


def nginx():
    return shutil.which("nginx") or "/usr/sbin/nginx"


class Behind(Rival):
    """nginx with two small files and one fixed answer."""

    def __init__(self, folder):
        super().__init__(folder)
        self.root = self.folder / "root"
        self.root.mkdir()
        (self.root / "200").write_bytes(b"a" * 200)
        (self.root / "16384").write_bytes(b"b" * 16384)
        config = self.configure("upstream.conf", root=self.root, user=USER, answer='{"object":"list","data":[],"usage":{"prompt_tokens":1,"total_tokens":1}}')
        self.launch([nginx(), "-e", str(self.folder / "error.log"), "-c", str(config)])


class NginxProxy(Rival):
    def __init__(self, folder, behind, buffering="off"):
        super().__init__(folder)
        config = self.configure("nginx-proxy.conf", behind=behind, user=USER, buffering=buffering)
        self.launch([nginx(), "-e", str(self.folder / "error.log"), "-c", str(config)])


class HAProxy(Rival):
    def __init__(self, folder, behind):
        super().__init__(folder)
        config = self.configure("haproxy.cfg", behind=behind)
        self.launch([shutil.which("haproxy") or "/usr/sbin/haproxy", "-q", "-f", str(config)])
