"""A real model through the hub, loaded by name as its users do."""

import json
import shutil

import pytest

from kit.content import sha256_of
from kit.places import CHECKOUT

pytest.importorskip("transformers", reason="transformers is in the newest environment only")
torch = pytest.importorskip("torch", reason="pip found no CPU build of torch for this machine")

MODEL = CHECKOUT / ".build/demo-cache/model"
SENTENCES = ["Whales sing in the deep sea.", "The songs of marine mammals", "Quarterly tax returns are due in April."]


def embedded(model, tokenizer):
    """Unit vectors: the mean over tokens, as this encoder's card says."""
    words = tokenizer(SENTENCES, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(**words).last_hidden_state
    mask = words["attention_mask"].unsqueeze(-1)
    return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """all-MiniLM-L6-v2, uploaded by command; its name and the commit."""
    from clients.person import Person
    from conftest import STAGE
    from huggingface_hub import HfApi

    if not (MODEL / "model.safetensors").exists():
        pytest.skip("the demo's model is not in the cache; run Tests/Interop/run.sh, which fetches it")
    somebody = Person(tmp_path_factory.mktemp("encoder"), STAGE.server.url, STAGE.token("alice"))
    folder = shutil.copytree(MODEL, somebody.folder / "minilm")
    somebody.hf("upload", "alice/all-minilm", folder)
    return "alice/all-minilm", HfApi(endpoint=STAGE.server.url).model_info("alice/all-minilm").sha


def test_the_model_embeds_sentences(encoder, a_home):
    from transformers import AutoModel, AutoTokenizer

    model, tokenizer = AutoModel.from_pretrained(encoder[0]), AutoTokenizer.from_pretrained(encoder[0])
    vectors = embedded(model, tokenizer)
    assert vectors.shape == (3, 384)
    whale, songs, taxes = vectors
    assert whale @ songs > 0.5 > 0.2 > whale @ taxes
    local = embedded(AutoModel.from_pretrained(MODEL), AutoTokenizer.from_pretrained(MODEL))
    assert torch.equal(vectors, local), "bit for bit what the folder gives"


def test_the_weights_that_came_are_those_that_went(encoder, alice):
    assert sha256_of(alice.hf_hub_download(encoder[0], "model.safetensors")) == sha256_of(MODEL / "model.safetensors")


def test_a_pinned_revision(encoder, alice):
    from transformers import AutoConfig

    name, pinned = encoder
    changed = json.loads((MODEL / "config.json").read_text()) | {"num_hidden_layers": 2}
    alice.create_branch(name, branch="smaller", revision=pinned)
    alice.upload_file(path_or_fileobj=json.dumps(changed).encode(), path_in_repo="config.json", repo_id=name, revision="smaller")
    assert AutoConfig.from_pretrained(name, revision=pinned).num_hidden_layers == 6
    assert AutoConfig.from_pretrained(name, revision="smaller").num_hidden_layers == 2


def test_push_to_hub_and_back(repo, token, monkeypatch):
    from transformers import BertConfig, BertModel

    monkeypatch.setenv("HF_TOKEN", token("alice"))
    config = BertConfig(vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
    made = BertModel(config)
    made.push_to_hub(repo, private=True)
    back = BertModel.from_pretrained(repo)
    assert all(torch.equal(a, b) for a, b in zip(made.state_dict().values(), back.state_dict().values()))


def test_a_repo_that_is_no_model_is_an_error_in_words(model):
    from transformers import AutoModel

    with pytest.raises((OSError, ValueError)) as refused:
        AutoModel.from_pretrained(model)
    assert model in str(refused.value)
