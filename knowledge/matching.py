"""Words of a question against words of a passage, by their token vectors (pure)."""

import numpy as np

from knowledge.documents import Tokens, Vectors

LENGTH = 127
"""Of a compressed token vector: products of two, divided by its square, are cosines."""


def matches(question: Tokens, passage: Tokens) -> Vectors:
    """Cosines, question tokens × passage tokens; one column of zeros where either has none."""
    if not len(question) or not len(passage):
        return np.zeros((max(1, len(question)), 1), np.float32)
    similar: Vectors = question.astype(np.float32) @ passage.astype(np.float32).T
    return similar / np.float32(LENGTH**2)


def late_interaction(question: Tokens, passage: Tokens) -> float:
    """Mean over the question's tokens of the best cosine in the passage; 0 without tokens."""
    return float(matches(question, passage).max(axis=1).mean())


def mutual(question: Tokens, sentence: Tokens) -> float:
    """The same both ways: a sentence that also speaks of other things answers less plainly."""
    found = matches(question, sentence)
    return float(found.max(axis=1).mean() + found.max(axis=0).mean()) / 2
