"""How well the golden questions are answered, as a table.

Run as
    python tests/evals/golden.py

The generator is the one without a key. A question counts as found when an article that answers it
is among the first three; two_articles need both among the passages that the generator may read.
`sourced` are the answers that cite an article that answers the question.
"""

import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from bot.bootstrap import Knowledge, open_knowledge
from knowledge.documents import Answer, Audience
from knowledge.indexing import index
from knowledge.settings import KnowledgeSettings

QUESTIONS = Path(__file__).parent / "golden.jsonl"
INTERNAL_URL = "https://desk."
Score = Mapping[str, Counter[str]]


def embedded_knowledge(home: Path) -> Knowledge:
    knowledge = open_knowledge(KnowledgeSettings(openai_api_key=None), home=home)
    index(knowledge.source, store=knowledge.store, embedder=knowledge.embedder)
    return knowledge


def judged(knowledge: Knowledge) -> Score:
    """Counts by kind of question: asked, found, answered, sourced, leaked."""
    score: dict[str, Counter[str]] = defaultdict(Counter)
    for line in QUESTIONS.read_text("utf-8").splitlines():
        row = json.loads(line)
        outcome = knowledge.answerer.answer(row["question"], audience=Audience(row["audience"]))
        passages = outcome.retrieval.passages
        ranked = list(dict.fromkeys(one.chunk.article_id for one in passages))
        wanted = set(row["articles"])
        counts = score[row["kind"]]
        counts["asked"] += 1
        counts["found"] += found(wanted, ranked, both=row["kind"] == "two_articles")
        counts["leaked"] += row["audience"] == "public" and any(
            one.url.startswith(INTERNAL_URL) for one in passages
        )
        if isinstance(outcome, Answer):
            counts["answered"] += 1
            counts["sourced"] += bool(wanted & {one.article_id for one in outcome.citations})
    return score


def found(wanted: set[str], ranked: list[str], *, both: bool) -> bool:
    return wanted <= set(ranked) if both and wanted else bool(wanted & set(ranked[:3]))


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        score = judged(embedded_knowledge(Path(home)))
    print(f"{'kind':<24}{'asked':>7}{'found':>7}{'answered':>10}{'sourced':>9}{'leaked':>8}")
    for kind, counts in score.items():
        print(
            f"{kind:<24}{counts['asked']:>7}{counts['found']:>7}{counts['answered']:>10}"
            f"{counts['sourced']:>9}{counts['leaked']:>8}"
        )


if __name__ == "__main__":
    main()
