"""A proxy in front of the server that writes down what the clients say, and can cut them off."""

import dataclasses
import http.client
import socket
import socketserver
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler

BLOCK = 1 << 18


@dataclasses.dataclass
class Exchange:
    method: str
    path: str
    headers: object
    #: The request's body, where the tap was told to keep it.
    body: bytes = b""
    sent: int = 0
    status: int = 0
    answer_headers: object = None
    received: int = 0

    def __repr__(self):
        return f"{self.method} {self.path} ({self.sent} up) -> {self.status} ({self.received} down)"


class Tap:
    """Passes HTTP on to `url`. The server makes its addresses from the Host header, so a client
    that comes this way stays on it."""

    def __init__(self, url):
        target = urllib.parse.urlsplit(url)
        self.target = (target.hostname, target.port)
        self.exchanges = []
        self.lock = threading.Lock()
        self.kept = []
        self.cuts = []
        self.answers = []
        tap = self

        class Handler(_Handler):
            owner = tap

        class Listener(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 64

            def handle_error(self, request, client_address):
                """Connections end as clients like; what matters shows in the exchanges."""

        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.listener.server_address[1]}"
        threading.Thread(target=self.listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    # What it is to do.

    def keep(self, part):
        """Keeps the bodies of requests whose path holds `part`."""
        self.kept.append(part)

    def cut_answer(self, part, after, method="GET"):
        """Breaks the connection once, `after` bytes into the next body whose path holds `part`."""
        self.cuts.append((part, after, method))

    def answer(self, part, reply, method="POST"):
        """Answers such requests itself, with what `reply(exchange)` gives: (status, bytes)."""
        self.answers.append((part, reply, method))

    # What it heard.

    def calls(self, part="", method=None):
        with self.lock:
            return [e for e in self.exchanges if part in e.path and method in (None, e.method)]

    def sent(self, part="", method=None):
        """Bytes of bodies that went up."""
        return sum(e.sent for e in self.calls(part, method))

    def received(self, part="", method=None):
        """Bytes of bodies that came down."""
        return sum(e.received for e in self.calls(part, method))

    def forget(self):
        with self.lock:
            self.exchanges.clear()

    def taken(self, wishes, exchange):
        """The first wish that fits; it is used up."""
        with self.lock:
            for wish in wishes:
                if wish[0] in exchange.path and wish[2] == exchange.method:
                    wishes.remove(wish)
                    return wish
        return None

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 0
    owner: Tap

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.upstream = http.client.HTTPConnection(*self.owner.target, timeout=300)

    def finish(self):
        self.upstream.close()
        super().finish()

    def log_message(self, *_):
        """The tap's log is its list."""

    def handle_expect_100(self):
        return True

    def pass_on(self):
        exchange = Exchange(self.command, self.path, self.headers)
        with self.owner.lock:
            self.owner.exchanges.append(exchange)
        left = int(self.headers.get("Content-Length") or 0)
        if self.headers.get("Transfer-Encoding"):
            raise ValueError("this tap reads no chunked requests")
        own = next((reply for part, reply, method in self.owner.answers if part in self.path and method == self.command), None)
        keep = own is not None or any(part in self.path for part in self.owner.kept)
        if own is None:
            self.upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() != "expect":
                    self.upstream.putheader(name, value)
            self.upstream.endheaders()
        while left:
            data = self.rfile.read(min(left, BLOCK))
            if not data:
                raise ConnectionResetError("the client stopped in the middle of its body")
            left -= len(data)
            exchange.sent += len(data)
            if keep:
                exchange.body += data
            if own is None:
                self.upstream.send(data)
        if own is not None:
            exchange.status, body = own(exchange)
            head = f"HTTP/1.1 {exchange.status} Tap\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)
            return
        answer = self.upstream.getresponse()
        exchange.status, exchange.answer_headers = answer.status, answer.headers
        self.send_back(exchange, answer)

    def send_back(self, exchange, answer):
        head = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        head += [f"{name}: {value}" for name, value in answer.headers.items() if name.lower() not in ("transfer-encoding", "connection")]
        is_bodiless = self.command == "HEAD" or answer.status in (204, 304)
        is_chunked = not is_bodiless and answer.headers.get("Content-Length") is None
        if is_chunked:
            head.append("Transfer-Encoding: chunked")
        self.wfile.write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1"))
        if is_bodiless:
            answer.read()
            return
        cut = self.owner.taken(self.owner.cuts, exchange)
        while data := answer.read1(BLOCK):
            if cut and exchange.received + len(data) > cut[1]:
                self.wfile.write(data[: cut[1] - exchange.received])
                exchange.received = cut[1]
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            exchange.received += len(data)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if is_chunked else data)
        answer.close()
        if is_chunked:
            self.wfile.write(b"0\r\n\r\n")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = pass_on
