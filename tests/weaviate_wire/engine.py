"""Collections, tenants, objects, filters and hybrid search, in memory."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

OVERFETCH = 100  # candidates that each side of a hybrid search takes at least
Scores = dict[str, float]


class Refused(Exception):
    """What a server answers to a request that it cannot serve; `status` as in HTTP."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Stored:
    """An object: `properties` as they were sent, `vectors` by name."""

    uuid: str
    properties: dict[str, Any]
    vectors: dict[str, Any]


@dataclass
class Kept:
    """A collection: its definition and each tenant's objects by identity."""

    config: dict[str, Any]
    tenants: dict[str, dict[str, Stored]] = field(default_factory=dict)

    def property(self, name: str) -> dict[str, Any]:
        for one in self.config["properties"]:
            if one["name"] == name:
                found: dict[str, Any] = one
                return found
        raise Refused(f"no such prop with name '{name}' found in class '{self.config['class']}'")

    def indexed(self, name: str, index: str) -> str:
        if not self.property(name)[index]:
            raise Refused(f"property '{name}' has {index} turned off")
        return name

    def objects(self, tenant: str) -> dict[str, Stored]:
        if tenant not in self.tenants:
            raise Refused(f'tenant not found: "{tenant}"', 404)
        return self.tenants[tenant]

    def put(self, tenant: str, one: Stored) -> None:
        for name, value in one.properties.items():
            [kind] = self.property(name)["dataType"]
            if kind == "int":
                one.properties[name] = int(value)
            elif not isinstance(value, str):
                raise Refused(f"invalid text property '{name}': {value!r}")
        if unknown := set(one.vectors) - set(self.config["vectorConfig"]):
            raise Refused(f"vectors {unknown} are not configured")
        there = self.objects(tenant)
        lengths = {len(vector) for one in there.values() for vector in one.vectors.values()}
        for vector in one.vectors.values():
            if lengths and len(vector) not in lengths:
                raise Refused(f"vector lengths don't match: {lengths.pop()} vs {len(vector)}")
        there[one.uuid] = one


@dataclass
class Engine:
    """Everything that a server keeps."""

    collections: dict[str, Kept] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def collection(self, name: str) -> Kept:
        found = self.collections.get(self.aliases.get(name, name))
        if found is None:
            raise Refused(f"could not find class {name} in schema", 404)
        return found


def hybrid(
    kept: Kept,
    tenant: str,
    *,
    allowed: Callable[[Stored], bool],
    limit: int,
    search: Mapping[str, Any],
) -> list[tuple[Stored, float]]:
    """Both sides' best, fused by relative score; `search`: query, properties, vector, alpha."""
    there = kept.objects(tenant)
    kept.indexed(search["property"], "indexSearchable")
    deep = max(limit, OVERFETCH)
    if not search["query"]:  # a vector search then, which tells distances and no scores
        near = _best(_cosines(filter(allowed, there.values()), search["vector"]))[:limit]
        return [(there[one], 0.0) for one, _ in near]
    sides = []
    if search["alpha"] < 1:
        matched = _bm25(kept, there.values(), search["property"], search["query"].split())
        sides.append((matched, 1 - search["alpha"]))
    if search["alpha"] > 0:
        sides.append((_cosines(there.values(), search["vector"]), search["alpha"]))
    total: Scores = {}
    for scores, weight in sides:
        best = _best({one: score for one, score in scores.items() if allowed(there[one])})[:deep]
        for one, share in _scaled(dict(best)).items():
            total[one] = total.get(one, 0.0) + weight * share
    return [(there[one], score) for one, score in _best(total)[:limit]]


def _bm25(kept: Kept, there: Iterable[Stored], name: str, query: list[str]) -> Scores:
    """Over all objects of the tenant, filtered or not; words are split at white space."""
    bm25 = kept.config["invertedIndexConfig"]["bm25"]
    bags = {one.uuid: Counter(one.properties.get(name, "").split()) for one in there}
    mean = sum(bag.total() for bag in bags.values()) / len(bags) if bags else 0.0
    scores: Scores = {}
    for word in query:
        n = sum(word in bag for bag in bags.values())
        rarity = math.log(1 + (len(bags) - n + 0.5) / (n + 0.5))
        for one, bag in bags.items():
            if count := bag[word]:
                long = 1 - bm25["b"] + bm25["b"] * bag.total() / mean
                scores[one] = scores.get(one, 0.0) + rarity * count / (count + bm25["k1"] * long)
    return scores


def _cosines(there: Iterable[Stored], vector: Any) -> Scores:
    return {
        one.uuid: float(
            np.dot(one.vectors["default"], vector)
            / (np.linalg.norm(one.vectors["default"]) * np.linalg.norm(vector))
        )
        for one in there
    }


def _scaled(scores: Scores) -> Scores:
    low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
    return {
        one: (score - low) / (high - low) if high > low else 1.0 for one, score in scores.items()
    }


def _best(scores: Scores) -> list[tuple[str, float]]:
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
