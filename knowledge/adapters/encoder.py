"""The embedder: MiniLM in ONNX on the processor, mean pooling, unit length."""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError
from tokenizers import Tokenizer

from knowledge.documents import Encoding, Tokens, Vectors
from knowledge.errors import EncoderInvalid
from knowledge.matching import LENGTH

BATCH = 4
"""Small: texts of one length are padded little, and their activations stay in the cache."""
FEW_BATCHES = 10
"""What one answer needs at most; threads are for whole articles."""


class Manifest(BaseModel):
    """What `manifest.json` must say about an encoder."""

    name: str
    version: str
    dimensions: int
    max_tokens: int
    projection: str


class OnnxEncoder:
    """An encoder in a folder: `model.onnx`, `tokenizer.json`, `manifest.json`, `projection.npy`.

    The projection (dimensions × 64) compresses token vectors; see `encoder/project.py`.

    One thread a call: two do not help a short question and hurt under load.
    Long lists are embedded by several calls side by side.
    """

    def __init__(self, folder: Path, *, workers: int | None = None) -> None:
        self._manifest = _manifest(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._projection: Vectors = np.load(folder / "projection.npy").astype(np.float32)
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise EncoderInvalid(f"{folder}: the encoder cannot be loaded") from error
        self._tokenizer.enable_truncation(self._manifest.max_tokens)
        self._tokenizer.enable_padding()
        self._workers = workers or os.cpu_count() or 1

    @property
    def version(self) -> str:
        """Name and content hash of weights and projection."""
        return f"{self._manifest.name}/{self._manifest.version}/{self._manifest.projection}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return len(texts) × 384, float32, unit length; text past 256 tokens is not read."""
        vectors = np.zeros((len(texts), self._manifest.dimensions), dtype=np.float32)

        def fill(batch: list[int]) -> None:
            states, mask = self._forward([texts[n] for n in batch])
            vectors[batch] = _pooled(states, mask)

        self._each_batch(texts, fill)
        return vectors

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """The same vectors, each with its text's token vectors (tokens × 64, int8)."""
        found: dict[int, Encoding] = {}

        def fill(batch: list[int]) -> None:
            states, mask = self._forward([texts[n] for n in batch])
            for n, row, kept, vector in zip(
                batch, states, mask, _pooled(states, mask), strict=True
            ):
                found[n] = Encoding(vector, self._compressed(row[kept > 0][1:-1]))

        self._each_batch(texts, fill)
        return [found[n] for n in range(len(texts))]

    def _each_batch(self, texts: Sequence[str], fill: Callable[[list[int]], None]) -> None:
        """Call `fill` with positions of texts of like length, on all cores where it pays."""
        by_length = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        batches = [by_length[n : n + BATCH] for n in range(0, len(by_length), BATCH)]
        if len(batches) <= FEW_BATCHES or self._workers == 1:
            for batch in batches:
                fill(batch)
        else:
            with ThreadPoolExecutor(self._workers) as pool:
                list(pool.map(fill, batches))

    def _forward(self, texts: list[str]) -> tuple[Vectors, NDArray[np.int64]]:
        """Token vectors (texts × tokens × 384) and the mask of tokens that are none."""
        rows = self._tokenizer.encode_batch(texts)
        ids = np.array([row.ids for row in rows], dtype=np.int64)
        mask = np.array([row.attention_mask for row in rows], dtype=np.int64)
        (states,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return states, mask

    def _compressed(self, states: Vectors) -> Tokens:
        """Token vectors in fewer dimensions, each scaled to length 127 and rounded."""
        small = states @ self._projection
        lengths = np.maximum(np.linalg.norm(small, axis=1, keepdims=True), 1e-9)
        tokens: Tokens = np.rint(small / lengths * LENGTH).astype(np.int8)
        return tokens


def _pooled(states: Vectors, mask: NDArray[np.int64]) -> Vectors:
    """The mean of each text's token vectors, at unit length."""
    weights = mask[:, :, None].astype(np.float32)
    means = (states * weights).sum(axis=1) / weights.sum(axis=1)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    unit: Vectors = (means / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit


def _manifest(folder: Path) -> Manifest:
    try:
        return Manifest.model_validate(json.loads((folder / "manifest.json").read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise EncoderInvalid(f"{folder}/manifest.json is missing or wrong") from error
