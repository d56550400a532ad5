"""A hub that only discards: it says yes to every step of an upload and keeps nothing, so that
what is measured against it is the client's own ceiling.

    python3 discard_hub.py PORT
"""

import json
import re
import socket
import sys
import threading

SHA = "0" * 40


def answer_to(method, path, host, body):
    """Status, headers and body of an answer. `body` is there where it was small."""
    base = f"http://{host}"
    if path == "/api/repos/create":
        asked = json.loads(body)
        return 200, {}, {"url": f"{base}/{asked.get('organization') or 'bench'}/{asked['name']}"}
    if path == "/api/whoami-v2":
        return 200, {}, {"type": "user", "name": "bench", "fullname": "bench", "orgs": []}
    if re.search(r"/xet-write-token/", path):
        facts = {"accessToken": "x", "exp": 4102444800, "casUrl": f"{base}/cas"}
        return 200, {"X-Xet-Cas-Url": facts["casUrl"], "X-Xet-Access-Token": "x", "X-Xet-Token-Expiration": "4102444800"}, facts
    if "/preupload/" in path:
        return 200, {}, {"files": [{"path": f["path"], "uploadMode": "lfs", "shouldIgnore": False} for f in json.loads(body)["files"]]}
    if path == "/api/validate-yaml":
        return 200, {}, {"errors": [], "warnings": []}
    if "/commit/" in path:
        repo = path.split("/commit/")[0].split("/api/models/")[1]
        return 200, {}, {"commitUrl": f"{base}/{repo}/commit/{SHA}", "commitOid": SHA}
    if path.startswith("/cas/v1/xorbs/"):
        return 200, {}, {"was_inserted": True}
    if path.startswith("/cas/v1/shards"):
        return 200, {}, {"result": 1}
    if path == "/v1/telemetry" or path == "/api/agent-harnesses":
        return 200, {}, {}
    if re.fullmatch(r"/api/models/[^/]+/[^/]+(/revision/[^/]+)?", path):
        return 200, {}, {"id": path[12:], "sha": SHA, "siblings": []}
    return 404, {}, {"error": "not here"}


def serve(wire):
    buffer = bytearray(1 << 20)
    view = memoryview(buffer)
    held = b""
    with wire:
        while True:
            while b"\r\n\r\n" not in held:
                got = wire.recv(65536)
                if not got:
                    return
                held += got
            head, _, held = held.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            method, target, _ = lines[0].split(" ", 2)
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            left = int(headers.get("content-length", "0"))
            if headers.get("expect", "").lower() == "100-continue":
                wire.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = held[:left]
            held = held[left:]
            left -= len(body)
            keep = left + len(body) < 1 << 24 and "/xorbs/" not in target
            while left:
                got = wire.recv_into(view, min(left, len(buffer)))
                if not got:
                    return
                if keep:
                    body += bytes(view[:got])
                left -= got
            status, more, answer = answer_to(method, target.partition("?")[0], headers.get("host", ""), body)
            data = b"" if method == "HEAD" else json.dumps(answer).encode()
            fields = {"Content-Type": "application/json", "Content-Length": str(len(data)), **more}
            text = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
            wire.sendall(text.encode() + data)


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
    while True:
        wire, _ = listener.accept()
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(wire,), daemon=True).start()


if __name__ == "__main__":
    main()
