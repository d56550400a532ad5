"""What an operator asks: is it up, how is it doing, what did it do."""

import json
import re

from kit.api import API


def test_health_and_readiness(hub):
    with API(hub.url) as api:
        for path in ("/healthz", "/readyz"):
            assert api.get(path).status == 200
            assert api.head(path).status == 200


def test_metrics_are_prometheus_text(hub, api, repo):
    api.publish(repo, {"a.txt": b"measured"})
    answer = api.get("/metrics").expect(200)
    assert answer.headers["content-type"].startswith("text/plain")
    names = set()
    for line in answer.body.decode().splitlines():
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})? (NaN|[+-]?Inf|[-+0-9.eE]+)', line)
        assert match, f"not a line of the text format: {line!r}"
        names.add(match[1])
    assert any(name.startswith("grayling_") for name in names), names
    typed = re.findall(r"^# TYPE (\S+) (counter|gauge|histogram|summary)$", answer.body.decode(), re.M)
    assert typed


def test_the_log_names_each_request_and_hides_the_query(server):
    server.start()
    with server.api() as api:
        answer = api.get("/hub/v1/models?search=hush-hush")
    server.stop()
    assert "GET /hub/v1/models 200" in server.log, server.log
    assert "hush-hush" not in server.log
    assert answer.status == 200


def test_the_log_in_json_lines(server):
    server.start("--log-format", "json")
    with server.api() as api:
        api.get("/hub/v1/models").expect(200)
    server.stop()
    lines = [json.loads(line) for line in server.log.splitlines() if line.strip()]
    assert len(lines) >= 2
    assert all({"level", "message"} <= set(line) for line in lines), lines[:3]


def test_what_is_not_served_says_so(stranger):
    stranger.get("/hub/v1/nothing/like/this").refused(404, "unknown-route")
    stranger.delete("/hub/v1/models").refused(405, "method-not-allowed")


def test_requests_have_ids(stranger):
    first = stranger.get("/hub/v1/models/no/such").refused(404, "unknown-repo")
    second = stranger.get("/hub/v1/models/no/such").refused(404, "unknown-repo")
    assert first.json["requestID"] != second.json["requestID"]
