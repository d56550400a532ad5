"""A TCP relay in front of the server that counts, slows down and cuts."""

import socket
import threading
import time
import urllib.parse


class Relay:
    """Passes bytes on to `url`; `rate` is the bytes per second towards the server, over all
    connections. `sent` counts the bytes that went towards it."""

    def __init__(self, url, rate=None):
        target = urllib.parse.urlsplit(url)
        self.target = (target.hostname, target.port)
        self.rate = rate
        self.sent = 0
        self.requests = 0
        self.lock = threading.Lock()
        self.sockets = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.is_open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while self.is_open:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.target)
            except OSError:
                client.close()
                continue
            with self.lock:
                self.sockets |= {client, server}
            threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _pass(self, source, target, is_up):
        try:
            while data := source.recv(1 << 14 if is_up and self.rate else 1 << 18):
                if is_up:
                    with self.lock:
                        self.sent += len(data)
                        self.requests += data.startswith((b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"PATCH "))
                        if self.rate:
                            time.sleep(len(data) / self.rate)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (source, target):
                end.close()

    def cut(self):
        """Ends all connections at once, as a pulled cable does."""
        with self.lock:
            ended, self.sockets = self.sockets, set()
        for end in ended:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def close(self):
        self.is_open = False
        self.listener.close()
        self.cut()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def raw(url, head, body=b"", patience=15, close_early=False):
    """Sends exactly these bytes on a new connection, and returns what comes back until it ends."""
    target = urllib.parse.urlsplit(url)
    with socket.create_connection((target.hostname, target.port), timeout=patience) as wire:
        wire.sendall(head.replace("\n", "\r\n").encode("latin-1") + body)
        if close_early:
            wire.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while data := wire.recv(1 << 16):
                received += data
        except (TimeoutError, ConnectionResetError):
            pass
        return received
