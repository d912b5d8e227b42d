"""Weaviate's relative-score fusion, so that the embedded store ranks as the cluster does."""

from collections.abc import Mapping

CANDIDATES = 100


def fuse(
    *, words: Mapping[int, float], vectors: Mapping[int, float], alpha: float
) -> list[tuple[int, float]]:
    """Scale each side to 0…1 over its own candidates, add by weight, best first.

    A side whose scores are all alike counts in full, as in Weaviate.
    """
    total: dict[int, float] = {}
    for scores, weight in ((words, 1 - alpha), (vectors, alpha)):
        if not scores:
            continue
        low, high = min(scores.values()), max(scores.values())
        for one, score in scores.items():
            relative = (score - low) / (high - low) if high > low else 1.0
            total[one] = total.get(one, 0.0) + weight * relative
    return sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))
