"""From text to token ids, the same way in training and in prediction.

A text longer than the model reads is not cut off: its head and its tail are read, since people
open with the story and end with the wish.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage.errors import ModelInvalid

MOST_TOKENS = 256
"""What a model reads unless it is trained otherwise; of longer texts the head and the tail."""
TAIL_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Window:
    """The tokens that are read: ids, and the characters of the text that each one covers.

    `offsets` of [CLS] and [SEP] are (0, 0).
    """

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]


class Windows:
    """A tokenizer that keeps head and tail of long texts."""

    def __init__(self, tokenizer_json: Path, *, max_tokens: int) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer_json))
        except Exception as error:  # the library raises bare exceptions
            raise ModelInvalid(f"{tokenizer_json}: no tokenizer") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._max_tokens = max_tokens

    def read(self, texts: Sequence[str]) -> list[Window]:
        """One window a text, at most `max_tokens` long."""
        return [
            self._window(row.ids, row.offsets) for row in self._tokenizer.encode_batch(list(texts))
        ]

    def _window(self, ids: list[int], offsets: list[tuple[int, int]]) -> Window:
        if len(ids) <= self._max_tokens:
            return Window(tuple(ids), tuple(offsets))
        tail = int(self._max_tokens * TAIL_SHARE)
        head = self._max_tokens - tail
        return Window(
            tuple(ids[:head] + ids[-tail:]),
            tuple(offsets[:head] + offsets[-tail:]),
        )


def padded(windows: Sequence[Window]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids and attention mask, each len(windows) × tokens of the longest."""
    longest = max(len(one.ids) for one in windows)
    ids = np.zeros((len(windows), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    for n, one in enumerate(windows):
        ids[n, : len(one.ids)] = one.ids
        mask[n, : len(one.ids)] = 1
    return ids, mask
