"""One version brought in, a second on its way and called back: every numbered step of a release."""

import json
import time

from kit.serving import Load, manifest

MODEL = "acme/served"
ENDED = ("succeeded", "rolled-back", "failed", "canceled", "superseded")


def there(api, version):
    """The version is published, now or before."""
    if api.get(f"/hub/v1/models/{MODEL}/revisions/{version}").status != 200:
        script = json.dumps({"headers": {"X-Served": version}}).encode()
        api.publish(MODEL, {"serving.json": script, "weights.bin": version.encode() * 5000}, version=version)


def until(api, name, *phases):
    deadline = time.monotonic() + 40
    while True:
        release = api.get(f"/hub/v1/releases/{name}").expect(200).json
        if release["phase"] in phases:
            return release
        assert release["phase"] not in ENDED and time.monotonic() < deadline, release
        time.sleep(0.05)


def carry(api, version, **options):
    """The release of this version that is under way, else a new one; None where it serves already."""
    found = api.get("/hub/v1/endpoints/served")
    if found.status == 200:
        if running := [*filter(None, [found.json.get("active")]), *found.json["pending"]]:
            return running[0]
        if (found.json.get("stable") or {}).get("version") == version:
            return None
    text = manifest("served", MODEL, version, **options).encode()
    plan = api.post("/hub/v1/plans", body=text, headers={"Content-Type": "application/yaml"}).expect(201).json
    made = api.post("/hub/v1/releases", as_json={"planHash": plan["hash"]}).expect(200, 201).json
    return made["release"]["id"]


def release(api):
    for version in ("1.0.0", "1.1.0"):
        there(api, version)
    first = carry(api, "1.0.0") if stable(api) is None else None
    if first:
        until(api, first, "succeeded")
    slow = {"steps": [{"weight": 0.5, "minObserved": "10m"}], "maxObserved": "1h"}
    second = carry(api, "1.1.0", release=slow)
    found = until(api, second, "progressing", "paused", "rolling-back", "rolled-back")
    if found["phase"] == "progressing":
        # For longer than two flushes of what was observed.
        with Load(api.gateway, "served", rate=30, seconds=2.5, connections=2) as load:
            time.sleep(2.5)
        assert load.failed == 0, load.failures
        order(api, second, "pause")
    if found["phase"] in ("progressing", "paused"):
        order(api, second, "abort")
    until(api, second, "rolled-back")
    assert stable(api) == "1.0.0"
    return None


def stable(api):
    found = api.get("/hub/v1/endpoints/served")
    return (found.json.get("stable") or {}).get("version") if found.status == 200 else None


def order(api, name, action):
    api.post(f"/hub/v1/releases/{name}/actions/{action}", as_json={"reason": "a test"}, headers={"If-Match": "*"}).expect(200)
