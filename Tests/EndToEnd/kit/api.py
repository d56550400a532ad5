"""The HTTP API as a program without our code would use it: http.client and JSON."""

import hashlib
import http.client
import json
import urllib.parse


def digest(data) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def quoted(text) -> str:
    return urllib.parse.quote(text, safe="/")


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The stable word of a refusal."""
        return self.json.get("code") if self.status >= 400 and self.body else None

    def expect(self, *statuses):
        assert self.status in statuses, f"expected status {statuses}, received {self.status}: {self.body[:2000]!r}"
        return self

    def refused(self, status, code):
        """Checks the shape of a problem document (RFC 9457), then its status and code."""
        assert self.status == status, f"expected status {status} {code}, received {self.status}: {self.body[:2000]!r}"
        assert self.headers.get("content-type", "").startswith("application/problem+json"), dict(self.headers)
        problem = self.json
        assert problem["code"] == code, problem
        assert problem["status"] == status, problem
        assert len(problem["detail"]) > 15 and problem["requestID"], problem
        return self


class API:
    """One kept-alive connection. `token=None` is a stranger."""

    def __init__(self, url, token=None, timeout=60):
        parts = urllib.parse.urlsplit(url)
        self.token = token
        self.url = url
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.connection.close()

    def request(self, method, path, body=None, headers=None, as_json=None):
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if as_json is not None:
            body = json.dumps(as_json).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            self.connection.request(method, path, body=body, headers=headers)
            answer = self.connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except BaseException:
            self.connection.close()
            raise

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def head(self, path, **options):
        return self.request("HEAD", path, **options)

    def post(self, path, as_json=None, **options):
        return self.request("POST", path, as_json=as_json, **options)

    def put(self, path, as_json=None, **options):
        return self.request("PUT", path, as_json=as_json, **options)

    def patch(self, path, as_json=None, **options):
        return self.request("PATCH", path, as_json=as_json, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    # What tests do all the time.

    def put_blob(self, data):
        return self.put(f"/hub/v1/blobs/{digest(data)}", body=data, headers={"Content-Type": "application/octet-stream"})

    def put_blobs(self, contents):
        body = b"".join(f"{hashlib.sha256(c).hexdigest()} {len(c)}\n".encode() + c for c in contents)
        return self.post("/hub/v1/blobs", body=body, headers={"Content-Type": "application/vnd.grayling.blobs"})

    def commit(self, repo, files, headers=None, kind="models", **wishes):
        """Makes a revision of files ({path: bytes}) whose bytes were sent before."""
        listed = [{"path": p, "size": len(c), "digest": digest(c)} for p, c in files.items()]
        return self.post(f"/hub/v1/{kind}/{quoted(repo)}/publish", as_json={"files": listed, **wishes}, headers=headers)

    def publish(self, repo, files, kind="models", **wishes):
        """Sends the files and makes the revision; returns the published revision."""
        for data in dict.fromkeys(files.values()):
            self.put_blob(data).expect(200, 201)
        return self.commit(repo, files, kind=kind, **wishes).expect(201).json["revision"]

    def resolve(self, repo, revision, path, method="GET", kind="models", **options):
        return self.request(method, f"/hub/v1/{kind}/{quoted(repo)}/resolve/{quoted(revision)}/{quoted(path)}", **options)

    def pages(self, path):
        """All items of a list, following the cursors."""
        items, cursor = [], None
        while True:
            joiner = "&" if "?" in path else "?"
            page = self.get(path + (f"{joiner}cursor={urllib.parse.quote(cursor)}" if cursor else "")).expect(200).json
            items += page["items"]
            cursor = page.get("next")
            if not cursor:
                return items

    def lines(self, path, wish):
        """A care call that answers in lines: the last one is its report."""
        answer = self.post(path, as_json=wish).expect(200)
        return [json.loads(line) for line in answer.body.splitlines()]

    def verify_store(self):
        return self.lines("/hub/v1/care/verify", {"bytesPerSecond": 0})[-1]
