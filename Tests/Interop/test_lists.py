"""Models and datasets found: by author, words, tags, in order, page by page."""

import itertools

import pytest
from huggingface_hub.utils import build_hf_headers, paginate

AUTHOR = "lister"
NAMES = ["blue-whale", "humpback-whale", "grey-seal", "harbour-seal", "orca"]


@pytest.fixture(scope="module")
def shelf():
    """Five models of one author; made in the order of NAMES, the last one private."""
    from conftest import STAGE
    from huggingface_hub import HfApi

    lister = HfApi(endpoint=STAGE.server.url, token=STAGE.token(AUTHOR))
    for name in NAMES:
        lister.create_repo(f"{AUTHOR}/{name}", private=name == "orca")
        kind = "whale" if "whale" in name else "seal"
        text = f"---\nlicense: mit\npipeline_tag: text-generation\nlibrary_name: transformers\ntags: [{kind}, mammal]\n---\n"
        lister.upload_file(path_or_fileobj=text.encode(), path_in_repo="README.md", repo_id=f"{AUTHOR}/{name}")
    lister.create_repo(f"{AUTHOR}/whale-songs", repo_type="dataset")
    lister.upload_file(path_or_fileobj=b"touched again", path_in_repo="a.txt", repo_id=f"{AUTHOR}/{NAMES[0]}")
    return lister


def names(found):
    return [info.id.split("/")[1] for info in found]


def test_by_author(shelf, as_user):
    assert set(names(as_user(None).list_models(author=AUTHOR))) == set(NAMES) - {"orca"}
    assert names(as_user(None).list_models(author="nobody-at-all")) == []


def test_private_models_are_listed_to_those_who_may_read_them(shelf, as_user):
    assert "orca" in names(shelf.list_models(author=AUTHOR))
    for stranger in (as_user(None), as_user("bob")):
        assert "orca" not in names(stranger.list_models(author=AUTHOR))
        assert names(stranger.list_models(search="orca", author=AUTHOR)) == []


def test_by_words(shelf):
    assert set(names(shelf.list_models(author=AUTHOR, search="WHALE"))) == {"blue-whale", "humpback-whale"}
    assert "blue-whale" in names(shelf.list_models(search="blue-wh"))


def test_by_tags(shelf):
    assert set(names(shelf.list_models(author=AUTHOR, filter="seal"))) == {"grey-seal", "harbour-seal", "orca"}
    assert set(names(shelf.list_models(author=AUTHOR, filter=["mammal", "whale", "license:mit"]))) == {"blue-whale", "humpback-whale"}
    assert names(shelf.list_models(author=AUTHOR, filter=["seal", "whale"])) == [], "all must match"
    assert len(names(shelf.list_models(author=AUTHOR, pipeline_tag="text-generation"))) == 5
    assert names(shelf.list_models(author=AUTHOR, pipeline_tag="fill-mask")) == []


def test_in_order(shelf):
    assert names(shelf.list_models(author=AUTHOR, sort="created_at")) == NAMES[::-1]
    assert names(shelf.list_models(author=AUTHOR, sort="last_modified")) == [NAMES[0], *NAMES[:0:-1]]


def test_at_most(shelf):
    assert names(shelf.list_models(author=AUTHOR, sort="created_at", limit=2)) == NAMES[:2:-1]


def test_page_by_page(shelf, url):
    for token in (shelf.token, False):
        headers = build_hf_headers(token=token)
        pages = paginate(f"{url}/api/models", params={"author": AUTHOR, "limit": 2, "sort": "createdAt"}, headers=headers)
        found = [item["id"].split("/")[1] for item in itertools.islice(pages, 20)]
        assert found == [n for n in NAMES[::-1] if token or n != "orca"]


def test_with_more_about_each(shelf):
    full = next(iter(shelf.list_models(author=AUTHOR, search="blue", full=True)))
    assert {"README.md", "a.txt"} <= {s.rfilename for s in full.siblings}
    assert len(full.sha) == 40
    card = next(iter(shelf.list_models(author=AUTHOR, search="blue", cardData=True)))
    assert card.card_data["license"] == "mit"
    named = next(iter(shelf.list_models(author=AUTHOR, search="blue", expand=["tags", "sha"])))
    assert "whale" in named.tags and len(named.sha) == 40


def test_datasets(shelf):
    assert names(shelf.list_datasets(author=AUTHOR)) == ["whale-songs"]
    assert names(shelf.list_datasets(author=AUTHOR, search="songs")) == ["whale-songs"]
    assert "whale-songs" not in names(shelf.list_models(author=AUTHOR))
