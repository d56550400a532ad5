"""HTTP/1.1 by hand, so that a script can break every rule of it."""

import asyncio
import contextlib
import socket
import struct
import time


class Gone(Exception):
    """The client went away."""


class Request:
    def __init__(self, method, target, headers, body=b""):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.path = target.partition("?")[0]

    def header(self, name, default=""):
        return next((value for key, value in self.headers if key.lower() == name), default)


class Wire(asyncio.Protocol):
    """One connection: bytes in, a request at a time out, and whether the client is still there."""

    def __init__(self, serve):
        self.serve, self.buffer = serve, bytearray()
        self.more, self.may_write = asyncio.Event(), asyncio.Event()
        self.may_write.set()
        self.ended_at, self.is_lost = None, False
        self.gone = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.task = asyncio.ensure_future(self.serve(self))

    def data_received(self, data):
        self.buffer += data
        self.more.set()

    def eof_received(self):
        self._end()
        return True

    def connection_lost(self, _):
        self.is_lost = True
        self._end()

    def _end(self):
        self.ended_at = self.ended_at or time.time()
        for event in (self.more, self.may_write, self.gone):
            event.set()

    def pause_writing(self):
        if not self.ended_at:
            self.may_write.clear()

    def resume_writing(self):
        self.may_write.set()

    async def fill(self):
        if self.ended_at:
            raise Gone
        self.more.clear()
        await self.more.wait()

    async def until(self, mark):
        while (at := self.buffer.find(mark)) < 0:
            await self.fill()
        taken = bytes(self.buffer[:at])
        del self.buffer[:at + len(mark)]
        return taken

    async def exactly(self, count):
        while len(self.buffer) < count:
            await self.fill()
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    async def head(self):
        """The next request without its body."""
        lines = (await self.until(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        return Request(method, target, [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]])

    async def body(self, request, says_continue=True):
        if says_continue and request.header("expect").lower() == "100-continue":
            await self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request.header("transfer-encoding").lower() == "chunked":
            parts = []
            while size := int((await self.until(b"\r\n")).split(b";")[0], 16):
                parts.append(await self.exactly(size))
                await self.until(b"\r\n")
            while await self.until(b"\r\n"):
                pass
            request.body = b"".join(parts)
        else:
            request.body = await self.exactly(int(request.header("content-length", "0")))

    async def send(self, data, pieces=None):
        """All of it, or `pieces` bytes at a time."""
        for at in range(0, len(data), pieces or max(1, len(data))):
            if self.is_lost:
                raise Gone
            self.transport.write(data[at:at + pieces] if pieces else data)
            await self.may_write.wait()
            if pieces:
                await asyncio.sleep(0)

    async def pause(self, seconds, watches_end=True):
        """Waits; raises Gone as soon as the client leaves."""
        if not watches_end:
            await asyncio.sleep(seconds)
            return
        if seconds > 0:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.gone.wait(), seconds)
        if self.ended_at:
            raise Gone

    def close(self):
        self.transport.close()

    def reset(self):
        """Ends the connection with RST instead of FIN."""
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def head(status, headers):
    return (f"HTTP/1.1 {status} Scripted\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n").encode("latin-1")


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def broken(kind, body):
    """A whole answer that no proxy may pass on as if it were sound."""
    length = str(len(body)).encode()
    return {
        "length-and-chunked": b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(body) + b"0\r\n\r\n",
        "two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\nContent-Length: 1\r\n\r\n" + body,
        "negative-length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" + body,
        "bad-chunk-size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + body,
        "chunk-too-long": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n",
        "bare-lf": b"HTTP/1.1 200 OK\nContent-Length: " + length + b"\n\n" + body,
        "folded": b"HTTP/1.1 200 OK\r\nX-A: a\r\n b\r\nContent-Length: " + length + b"\r\n\r\n" + body,
        "no-status": b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n",
        "no-http": b"hello, this is no HTTP\r\n\r\n",
        "short-body": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + body,
        "endless-head": b"HTTP/1.1 200 OK\r\n" + b"X-Pad: " + b"a" * 300_000 + b"\r\n\r\n",
    }[kind]
