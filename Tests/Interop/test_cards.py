"""Model cards: read, written, checked."""

import pytest
from huggingface_hub import ModelCard, metadata_load
from huggingface_hub.errors import HfHubHTTPError

from clients.versions import newest

CARD = "---\nlicense: mit\ntags:\n- whale\n---\n# A whale\n\nText with an é.\n"


@pytest.fixture
def carded(alice, model):
    alice.upload_file(path_or_fileobj=CARD.encode(), path_in_repo="README.md", repo_id=model)
    return model


def test_load(carded, token):
    card = ModelCard.load(carded, token=token("alice"))
    assert card.data.license == "mit" and card.data.tags == ["whale"]
    assert "Text with an é." in card.text


@newest
def test_push(carded, token, alice):
    """The older client sends what it is about to save to a fixed address elsewhere."""
    card = ModelCard.load(carded, token=token("alice"))
    card.data.license = "apache-2.0"
    card.push_to_hub(carded, token=token("alice"))
    assert alice.model_info(carded).card_data["license"] == "apache-2.0"


@newest
def test_metadata_update(carded, token, alice):
    from huggingface_hub import metadata_update

    metadata_update(carded, {"pipeline_tag": "fill-mask", "tags": ["whale", "sea"]}, token=token("alice"), overwrite=True)
    info = alice.model_info(carded)
    assert info.pipeline_tag == "fill-mask" and {"whale", "sea"} <= set(info.tags)
    assert metadata_load(alice.hf_hub_download(carded, "README.md"))["license"] == "mit"


def test_a_card_that_is_not_yaml_is_refused_before_it_is_sent(alice, carded):
    head = alice.model_info(carded).sha
    with pytest.raises((ValueError, HfHubHTTPError)) as refused:
        alice.upload_file(path_or_fileobj=b"---\nlicense: [mit\n---\n# broken\n", path_in_repo="README.md", repo_id=carded)
    assert "README" in str(refused.value) or "metadata" in str(refused.value).lower()
    assert alice.model_info(carded).sha == head


def test_a_card_without_metadata(alice, model):
    alice.upload_file(path_or_fileobj=b"# Only words\n", path_in_repo="README.md", repo_id=model)
    assert not alice.model_info(model).card_data


def test_the_command_prints_a_card(person, carded):
    assert "Text with an é." in person().hf("models", "card", carded).out
