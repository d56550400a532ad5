"""The API describes itself, and the description is right."""

import json
import re

import pytest


@pytest.fixture(scope="module")
def document(hub):
    with hub.api() as api:
        answer = api.get("/hub/v1/openapi.json").expect(200)
        assert answer.headers["content-type"].startswith("application/json")
        return answer.json


def test_it_is_valid(document):
    from openapi_spec_validator import OpenAPIV31SpecValidator

    assert document["openapi"].startswith("3.1")
    errors = [e.message for e in OpenAPIV31SpecValidator(document).iter_errors()]
    assert errors == []


def test_every_reference_leads_somewhere(document):
    for name in set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document))):
        assert name in document["components"]["schemas"], name


def test_every_operation_is_served(document, stranger):
    """Nothing in the document is answered with 'unknown route' or 'method not allowed'."""
    values = {"kind": "models", "owner": "acme", "name": "never-was", "user": "nobody", "id": "1", "digest": "sha256:" + "0" * 64,
              "number": "0", "revision": "main", "ref": "x", "path": "a.txt",
              "permission": "release.plan", "hash": "sha256:" + "0" * 64, "backend": "0" * 64, "slot": "0", "key": "main"}
    operations = 0
    for pattern, item in document["paths"].items():
        path = re.sub(r"\{([^}*]+)\*?\}", lambda m: values[m[1]], pattern)
        for method in item:
            if method in ("get", "put", "post", "delete", "patch", "head"):
                answer = stranger.request(method.upper(), path)
                assert answer.code not in ("unknown-route", "method-not-allowed"), f"{method} {pattern}: {answer.status}"
                assert answer.status < 500, f"{method} {pattern}: {answer.status} {answer.body}"
                operations += 1
    assert operations >= 50


def test_answers_are_as_described(document, api, repo):
    """The required members of the schemas are in the answers, with the types they promise."""
    api.publish(repo, {"a.txt": b"1"}, version="1")
    schemas = document["components"]["schemas"]
    for name, path in (("RepoInfo", f"/hub/v1/models/{repo}"), ("RevisionInfo", f"/hub/v1/models/{repo}/revisions/1"),
                       ("RefsInfo", f"/hub/v1/models/{repo}/refs"), ("WhoAmI", "/hub/v1/whoami"), ("ServerInfo", "/hub/v1")):
        answer = api.get(path).expect(200).json
        schema = schemas[name]
        assert set(schema["required"]) <= set(answer) <= set(schema["properties"]), name
