"""The shipped encoder, the sample help centre and the generators on top of them."""

import json
import threading
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from fakes import passage

from knowledge.adapters.encoder import OnnxEncoder
from knowledge.adapters.extractive import ExtractiveGenerator
from knowledge.documents import Article, Audience, Status
from knowledge.errors import EncoderInvalid
from knowledge.grounding import ground
from knowledge.sentence_vectors import SentenceVectors
from knowledge.settings import KnowledgeSettings
from knowledge.sources.folder import MarkdownFolder

SETTINGS = KnowledgeSettings(openai_api_key=None)
WORN = "Boots you have worn outside can be returned within 30 days by Club members."
WASH = "Wash your down jacket at 30 °C and tumble dry it low."


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder(SETTINGS.encoder)


def test_vectors_have_unit_length_whatever_the_text(encoder: OnnxEncoder) -> None:
    texts = ["", " ", "boots", "长靴 👢", "word " * 5_000]
    vectors = encoder.embed(texts)
    assert vectors.shape == (5, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_what_means_the_same_is_near(encoder: OnnxEncoder) -> None:
    asked, same, other = encoder.embed(
        ["Can I send worn boots back?", "returning footwear that was used", "tent pole length"]
    )
    assert asked @ same > asked @ other + 0.2


def test_the_order_of_a_batch_does_not_matter(encoder: OnnxEncoder) -> None:
    texts = [f"{'long ' * n} text {n}" for n in range(40)]
    forward, backward = encoder.embed(texts), encoder.embed(texts[::-1])[::-1]
    assert (forward * backward).sum(axis=1).min() > 0.98


def test_threads_may_share_an_encoder(encoder: OnnxEncoder) -> None:
    expected = encoder.embed(["boots"])[0]
    seen: list[float] = []

    def embed() -> None:
        seen.extend(float(encoder.embed(["boots"])[0] @ expected) for _ in range(10))

    threads = [threading.Thread(target=embed) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 40
    assert min(seen) > 0.999


@pytest.mark.parametrize(
    "missing", ["manifest.json", "model.onnx", "tokenizer.json", "projection.npy"]
)
def test_an_encoder_with_a_part_missing_is_refused(tmp_path: Path, missing: str) -> None:
    for path in SETTINGS.encoder.iterdir():
        if path.name != missing and path.is_file():
            (tmp_path / path.name).symlink_to(path)
    with pytest.raises(EncoderInvalid):
        OnnxEncoder(tmp_path)


def test_the_manifest_names_the_weights_and_their_licence() -> None:
    manifest = json.loads((SETTINGS.encoder / "manifest.json").read_text("utf-8"))
    assert manifest["source"]["license"] == "Apache-2.0"
    assert manifest["bytes"] == (SETTINGS.encoder / "model.onnx").stat().st_size
    assert manifest["lowest_cosine_to_fp32"] > 0.99


def test_a_quotation_is_verbatim_and_cited(encoder: OnnxEncoder) -> None:
    passages = [passage(WASH, article="care"), passage(WORN, article="boots")]
    written = ExtractiveGenerator(SentenceVectors(encoder)).generate(
        "Can I return boots worn outside?", passages
    )
    assert written == f"{WORN} [2]"
    assert ground(written, passages) is not None


def test_nothing_is_quoted_that_is_not_near(encoder: OnnxEncoder) -> None:
    far = [passage(WASH, article="care", cosine=0.1)]
    generator = ExtractiveGenerator(SentenceVectors(encoder))
    assert generator.generate("Who is the prime minister of France?", far) == ""
    assert generator.generate("Anything?", []) == ""


def test_a_figure_is_preferred_where_one_is_asked_for(encoder: OnnxEncoder) -> None:
    text = "Express delivery is quick and comes in the morning. Express delivery costs £6.95."
    written = ExtractiveGenerator(SentenceVectors(encoder)).generate(
        "How much is express delivery?", [passage(text, article="express")]
    )
    assert "£6.95" in written


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    found = list(MarkdownFolder(SETTINGS.articles).read())
    assert all(isinstance(one, Article) for one in found)
    return [one for one in found if isinstance(one, Article)]


def test_the_sample_help_centre_is_a_real_one(articles: list[Article]) -> None:
    published = [one for one in articles if one.status is Status.PUBLISHED]
    words = sorted(len(one.text.split()) for one in published)
    assert len(published) >= 60
    assert sum(one.audience is Audience.INTERNAL for one in published) >= 5
    assert any(one.status is not Status.PUBLISHED for one in articles)
    assert words[0] >= 150
    assert words[len(words) // 2] >= 300


def test_titles_and_addresses_are_distinct(articles: list[Article]) -> None:
    assert len({one.title for one in articles}) == len(articles)
    assert len({one.url for one in articles}) == len(articles)
    assert max(one.updated for one in articles) <= date(2026, 11, 23)
