"""The embedder: MiniLM in ONNX on the processor, mean pooling, unit length."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from pydantic import BaseModel, ValidationError
from tokenizers import Tokenizer

from knowledge.errors import EncoderInvalid
from knowledge.ports import Vectors

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


class OnnxEncoder:
    """An encoder in a folder: `model.onnx`, `tokenizer.json`, `manifest.json`.

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
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise EncoderInvalid(f"{folder}: the encoder cannot be loaded") from error
        self._tokenizer.enable_truncation(self._manifest.max_tokens)
        self._tokenizer.enable_padding()
        self._workers = workers or os.cpu_count() or 1

    @property
    def version(self) -> str:
        """Name and content hash of the weights."""
        return f"{self._manifest.name}/{self._manifest.version}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return len(texts) × 384, float32, unit length; text past 256 tokens is not read."""
        vectors = np.zeros((len(texts), self._manifest.dimensions), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        batches = [by_length[n : n + BATCH] for n in range(0, len(by_length), BATCH)]

        def fill(batch: list[int]) -> None:
            vectors[batch] = self._forward([texts[n] for n in batch])

        if len(batches) <= FEW_BATCHES or self._workers == 1:
            for batch in batches:
                fill(batch)
        else:
            with ThreadPoolExecutor(self._workers) as pool:
                list(pool.map(fill, batches))
        return vectors

    def _forward(self, texts: list[str]) -> Vectors:
        rows = self._tokenizer.encode_batch(texts)
        ids = np.array([row.ids for row in rows], dtype=np.int64)
        mask = np.array([row.attention_mask for row in rows], dtype=np.int64)
        (token_vectors,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        weights = mask[:, :, None].astype(np.float32)
        means = (token_vectors * weights).sum(axis=1) / weights.sum(axis=1)
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        unit: Vectors = (means / np.maximum(lengths, 1e-9)).astype(np.float32)
        return unit


def _manifest(folder: Path) -> Manifest:
    try:
        return Manifest.model_validate(json.loads((folder / "manifest.json").read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise EncoderInvalid(f"{folder}/manifest.json is missing or wrong") from error
