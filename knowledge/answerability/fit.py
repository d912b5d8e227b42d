"""Fit the weights that say whether passages answer a question.

Run as
    python -m knowledge.answerability.fit [--out knowledge/answerability/weights.json]

Reads `corpora/*`: articles, questions that they answer, and questions that sound as if they did.
Each answered question is asked a second time with the article that answers it taken away. Questions
go through the retrieval that ships. Every corpus is judged by weights fitted on the others;
probabilities and the threshold come from those judgements. Needs the extra `[train]`.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from knowledge.adapters.encoder import OnnxEncoder
from knowledge.adapters.reranker import LateInteraction
from knowledge.adapters.sqlite import SqliteStore
from knowledge.answerability.weights import SHIPPED, WeightsFile
from knowledge.answerable import FEATURES, Floats
from knowledge.answering import described
from knowledge.documents import Article, ArticleId, Audience, Retrieval, SourceName, Status
from knowledge.indexing import index
from knowledge.retrieval import RetrievalRules, Retriever
from knowledge.sentence_vectors import SentenceVectors

HERE = Path(__file__).parent
STRENGTH = 0.01
"""Of the prior: the corpora are few and hard, so weights stay small and even."""
KEPT = 0.93
"""Share of the answered questions that the threshold lets through."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles of one subject, as a source."""

    name: SourceName
    folder: Path

    def read(self) -> Iterator[Article]:
        """Yield each article."""
        for line in (self.folder / "articles.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            yield Article(
                ArticleId(row["id"]),
                row["title"],
                f"https://help.test/{row['id']}",
                Status.PUBLISHED,
                Audience.PUBLIC,
                date(2026, 1, 1),
                row["text"],
                self.name,
            )


def without(found: Retrieval, article: str) -> Retrieval:
    """The same retrieval as if that article had never been written."""
    left = tuple(one for one in found.candidates if one.chunk.article_id != article)
    return replace(found, candidates=left)


def examples(folder: Path, encoder: OnnxEncoder) -> tuple[Floats, Floats]:
    """Features and labels of a corpus: 1 answered, 0 not."""
    corpus, vectors = Corpus(SourceName(folder.name), folder), SentenceVectors(encoder)
    rows, labels = [], []
    with tempfile.TemporaryDirectory() as home:
        store = SqliteStore(Path(home) / "corpus.sqlite", encoder=encoder.version)
        index([corpus], store=store, embedder=encoder)
        rules = RetrievalRules(alpha=0.6, passages=5, minimum_cosine=0.0)
        retriever = Retriever(
            store=store, embedder=encoder, rules=rules, reranker=LateInteraction()
        )

        for line in (folder / "questions.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            found = retriever.retrieve(row["text"], audience=Audience.PUBLIC)
            rows.append(described(found, vectors))
            labels.append(float(row["answerable"]))
            if row["answerable"]:
                rows.append(described(without(found, row["article"]), vectors))
                labels.append(0.0)
        store.close()
    return np.array(rows), np.array(labels)


def fitted(sets: list[tuple[Floats, Floats]]) -> tuple[StandardScaler, LogisticRegression]:
    """A scaler and a logistic regression over several corpora."""
    model = make_pipeline(
        StandardScaler(),
        LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=3000),
    )
    model.fit(np.concatenate([rows for rows, _ in sets]), np.concatenate([y for _, y in sets]))
    return model[0], model[1]


# --- arguments -----------------------------------------------------------------------------
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("--out", type=Path, default=SHIPPED)
arguments = parser.parse_args()

# --- load ----------------------------------------------------------------------------------
encoder = OnnxEncoder(HERE.parent / "encoder")
folders = sorted(one for one in (HERE / "corpora").iterdir() if one.is_dir())
sets = {one.name: examples(one, encoder) for one in folders}

# --- judge each corpus by the others -------------------------------------------------------
scores, labels = [], []
for name, (rows, answered) in sets.items():
    scaler, model = fitted([one for other, one in sets.items() if other != name])
    found = model.decision_function(scaler.transform(rows))
    print(f"{name:<12}AUROC {roc_auc_score(answered, found):.3f}")
    scores.append(found)
    labels.append(answered)
judged, truth = np.concatenate(scores), np.concatenate(labels)
calibration = LogisticRegression(C=1e6).fit(judged[:, None], truth)
probabilities = calibration.predict_proba(judged[:, None])[:, 1]
threshold = float(np.quantile(probabilities[truth == 1], 1 - KEPT))

# --- fit on all, save with what was measured -----------------------------------------------
scaler, model = fitted(list(sets.values()))
slope, shift = float(calibration.coef_[0, 0]), float(calibration.intercept_[0])
saved = WeightsFile(
    features=FEATURES,
    mean=tuple(np.round(scaler.mean_, 6)),
    scale=tuple(np.round(scaler.scale_, 6)),
    weights=tuple(np.round(model.coef_[0] * slope, 6)),
    bias=round(float(model.intercept_[0]) * slope + shift, 6),
    threshold=round(threshold, 4),
    encoder=encoder.version,
    measured={
        "auroc": round(float(roc_auc_score(truth, judged)), 4),
        "examples": len(truth),
        "answered_of_unanswerable": round(
            float((probabilities[truth == 0] >= threshold).mean()), 4
        ),
    },
)
arguments.out.write_text(saved.model_dump_json(indent=2) + "\n")
print(saved.model_dump_json(indent=2))
