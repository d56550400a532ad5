#!/usr/bin/env python3
"""A pretend model server: no model, any manners. See README.md.

    python3 model_server.py --port 8000 --model DIR --script '{"errorRate": 0.5}'
"""

import argparse
import asyncio
import hashlib
import json
import os
import signal
import sys
import time

import answers
import script
from wire import Gone, Wire, broken, chunk, head


class ModelServer:
    def __init__(self, told, model=None):
        self.script, self.model = told, model
        self.started, self.started_at, self.ready_at = time.monotonic(), time.time(), None
        self.listener = None
        self.seen = {"requests": 0, "connections": 0, "open": 0, "shadows": 0, "paths": {}, "aborted": [], "last": None}

    async def serve(self, wire):
        self.seen["connections"] += 1
        count = 0
        try:
            while True:
                request = await wire.head()
                if request.path in ("/_seen", "/_script"):
                    await self.own(wire, request)
                    continue
                count += 1
                wishes = self.script.of(request.path)
                if request.path in ("/health", "/v2/health/ready", "/v2/health/live"):
                    await wire.body(request)
                    await self.whole(wire, self.health(wishes), {}, wishes | {"framing": None})
                    continue
                self.seen["open"] += 1
                began = time.time()
                try:
                    await self.answer(wire, request, wishes)
                    if wishes["earlyAnswer"]:
                        await wire.body(request, says_continue=False)
                except Gone:
                    self.seen["aborted"].append({"target": request.target, "began": began, "at": wire.ended_at})
                    raise
                finally:
                    self.seen["open"] -= 1
                if wishes["closeAfter"] and count >= wishes["closeAfter"] or request.header("connection").lower() == "close":
                    break
        except (Gone, ConnectionError):
            pass
        except ValueError as problem:
            wire.transport.write(head(400, [("Content-Length", 0), ("X-Problem", str(problem)), ("Connection", "close")]))
        wire.close()

    def health(self, wishes):
        ready = (time.monotonic() - self.started) * 1000 >= wishes["startDelay"]
        return wishes["healthStatus"] if ready else 503

    async def own(self, wire, request):
        """`GET /_seen` tells what came; `POST /_script` changes the wishes, `PUT` begins anew from the defaults."""
        await wire.body(request)
        status, answer = 200, self.seen | {"pid": os.getpid(), "model": self.model, "readyAt": self.ready_at}
        if request.path == "/_script":
            try:
                layer = script.parse(request.body.decode() or "{}")
                if request.method == "PUT":
                    self.script = script.Script(layer)
                else:
                    self.script.change(layer)
                answer = self.script.wishes
                asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(self.listen()))
            except ValueError as problem:
                status, answer = 400, {"error": str(problem)}
        elif request.method == "DELETE":
            self.seen.update(requests=0, connections=0, shadows=0, paths={}, aborted=[], last=None)
        await wire.send(self.json_head(status, answer))

    @staticmethod
    def json_head(status, value, extra=()):
        body = json.dumps(value).encode()
        return head(status, [("Content-Type", "application/json"), ("Content-Length", len(body)), *extra]) + body

    async def answer(self, wire, request, wishes):
        if not wishes["earlyAnswer"]:
            await wire.body(request, says_continue=not wishes["ignoreExpect"])
        self.seen["requests"] += 1
        self.seen["paths"][request.path] = self.seen["paths"].get(request.path, 0) + 1
        self.seen["shadows"] += any(name.lower() == "x-shadow" for name, _ in request.headers)
        self.seen["last"] = {"method": request.method, "target": request.target, "headers": request.headers, "bytes": len(request.body),
                             "sha256": hashlib.sha256(request.body).hexdigest()}
        if wishes["crashAfter"] is not None and self.seen["requests"] > wishes["crashAfter"]:
            self.crash(wishes["crashStatus"])
        watches = not wishes["ignoreHalfClose"]
        await wire.pause(self.script.seconds(wishes["latency"]), watches)
        if self.script.happens(wishes["resetRate"]):
            wire.reset()
            raise ConnectionError
        if self.script.happens(wishes["stallRate"]):
            await wire.pause(86_400)
        for status in wishes["informational"]:
            await wire.send(head(status, [("X-Early", "hint")]))
        if self.script.happens(wishes["errorRate"]):
            await self.whole(wire, wishes["errorStatus"], wishes["errorBody"], wishes | {"framing": None})
            return
        if request.path.startswith("/echo"):
            return await self.whole(wire, 200, request.body, wishes, kind=request.header("content-type", "application/octet-stream"))
        if request.path.startswith("/bytes/"):
            return await self.whole(wire, 200, bytes(i % 251 for i in range(251)) * (int(request.path.split("/")[2]) // 251 + 1), wishes,
                                    limit=int(request.path.split("/")[2]))
        asked = json.loads(request.body) if request.body else {}
        if isinstance(asked, dict) and asked.get("stream"):
            return await self.stream(wire, asked, wishes, watches)
        found = answers.whole(request, wishes)
        await self.whole(wire, *(found or (404, {"error": "no such path"})), wishes)

    async def whole(self, wire, status, value, wishes, kind="application/json", limit=None):
        body = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else json.dumps(value).encode()
        body = body[:limit]
        if wishes["framing"] and wishes["framing"] != "chunked":
            await wire.send(broken(wishes["framing"], body))
            wire.close()
            raise ConnectionError
        extra = list(wishes["headers"].items())
        if wishes["trailers"] or wishes["framing"] == "chunked":
            names = [("Trailer", ", ".join(wishes["trailers"]))] if wishes["trailers"] else []
            trailers = "".join(f"{name}: {text}\r\n" for name, text in wishes["trailers"].items()).encode()
            framed = b"".join(chunk(body[i:i + 1000]) for i in range(0, len(body), 1000)) + b"0\r\n" + trailers + b"\r\n"
            await wire.send(head(status, [("Content-Type", kind), ("Transfer-Encoding", "chunked"), *names, *extra]) + framed, wishes["writeSize"])
        else:
            await wire.send(head(status, [("Content-Type", kind), ("Content-Length", len(body)), *extra]) + body, wishes["writeSize"])

    async def stream(self, wire, asked, wishes, watches):
        await wire.send(head(200, [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"), *wishes["headers"].items()]))
        for number, event in enumerate(answers.events(asked, wishes)):
            if number == wishes["resetAfterTokens"]:
                wire.reset()
                raise ConnectionError
            if number == wishes["stallAfterTokens"]:
                await wire.pause(86_400)
            await wire.pause(wishes["tokenDelay"] / 1000 if number else 0, watches)
            await wire.send(chunk(event), wishes["writeSize"])
        await wire.send(b"0\r\n" + "".join(f"{name}: {text}\r\n" for name, text in wishes["trailers"].items()).encode() + b"\r\n")

    @staticmethod
    def crash(status):
        """137 is how a process looks that the kernel ended for want of memory."""
        sys.stderr.write(f"crashing as told, status {status}\n")
        sys.stderr.flush()
        if status == 137:
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(status)

    async def listen(self):
        """Opens the port, or closes it while `refuse` is wished for."""
        if self.script.wishes["refuse"]:
            if self.listener:
                self.listener.close()
                self.listener = None
        elif not self.listener:
            self.listener = await asyncio.get_running_loop().create_server(lambda: Wire(self.serve), self.host, self.port, backlog=1024)
            self.port = self.listener.sockets[0].getsockname()[1]
            # When /health first can say 200, by the wall clock.
            self.ready_at = self.ready_at or max(time.time(), self.started_at + self.script.wishes["startDelay"] / 1000)

    async def run(self, host, port):
        wishes, self.host, self.port = self.script.wishes, host, port
        if wishes["ignoreTerm"]:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        else:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: os._exit(0))
        if wishes["memoryHog"]:
            hog = [bytearray(os.urandom(1 << 16) * 16) for _ in range(wishes["memoryHog"])]
            self.crash(137 if hog else 1)
        if wishes["crashAtStart"] is not None:
            self.crash(wishes["crashAtStart"])
        await asyncio.sleep(wishes["listenDelay"] / 1000)
        await self.listen()
        print(f"listening on {self.host}:{self.port}", flush=True)
        await asyncio.Event().wait()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=0, help="0: any, printed")
    options.add_argument("--model", help="a folder; its serving.json is the script to begin with")
    options.add_argument("--script", help="JSON, or a file of it; wins over MODEL_SCRIPT and serving.json")
    told = options.parse_args()
    asyncio.run(ModelServer(script.gathered(told.model, told.script), told.model).run(told.host, told.port))


if __name__ == "__main__":
    main()
