"""The fine-tuned encoder on this machine: ONNX Runtime, tokenizers and NumPy alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from triage import second
from triage.calibration import Floats, energy, log_softmax, softmax
from triage.errors import ModelInvalid
from triage.manifest import FROZEN, MODEL, SECOND, TOKENIZER, read_manifest
from triage.schema import Entities, Sentiment, Triage, Urgency
from triage.spans import Found, decode
from triage.windows import Window, Windows, padded

BATCH_TOKENS = 512
"""Tokens of one batch, padding counted: larger ones leave the processor's cache."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network says about one text, before calibration.

    `logits` by head (one number a label), `tags` (tokens × tags) or None, `vector` (384).
    """

    text: str
    window: Window
    logits: dict[str, Floats]
    tags: Floats | None
    vector: Floats


class LocalModel:
    """A model's folder: `model.onnx`, `tokenizer.json`, `manifest.json`.

    Perhaps also `second.npz`, the second head, and the `frozen.onnx` that this may need.

    One thread: two do not help a short message and hurt under load. May be shared by threads.
    """

    def __init__(self, folder: Path) -> None:
        self.manifest = read_manifest(folder)
        self._network = RawNetwork(folder, self.manifest.max_tokens)
        self._second = second.load(folder / SECOND) if self.manifest.second_weight > 0 else None
        needs_frozen = self._second is not None and self._second.reads_vectors
        self._frozen = (
            RawNetwork(folder, self.manifest.max_tokens, file=FROZEN) if needs_frozen else None
        )

    @property
    def version(self) -> str:
        """Name and hash of weights and calibration."""
        return f"{self.manifest.name}/{self.manifest.version}"

    def predict(self, utterance: str) -> Triage:
        """Intent, urgency, sentiment and entities of one utterance."""
        return self.predict_all([utterance])[0]

    def predict_all(self, utterances: Sequence[str]) -> list[Triage]:
        """One `Triage` an utterance, in their order, batched by length.

        Raises:
            ModelInvalid: the model has no heads for urgency and sentiment: use `intents`.
        """
        if "urgency" not in self.manifest.heads:
            raise ModelInvalid("this model knows intents only: it cannot triage")
        readings = self.read(utterances)
        if not readings:
            return []
        heads = {head: softmax(self.logits(readings, head)) for head in self.manifest.heads}
        return [
            self._triage(reading, {head: rows[n] for head, rows in heads.items()})
            for n, reading in enumerate(readings)
        ]

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """What the network says, before calibration."""
        return self._network.read(texts)

    def logits(self, readings: Sequence[Reading], head: str) -> Floats:
        """Calibrated logits of a head, len(readings) × labels; softmax makes probabilities."""
        own = np.stack([one.logits[head] for one in readings])
        if head == "intent" and self._second:
            weight = self.manifest.second_weight
            other = log_softmax(self.second_logits(readings))
            own = ((1 - weight) * log_softmax(own) + weight * other).astype(np.float32)
        return own / np.float32(self.manifest.temperatures[head])

    def second_logits(self, readings: Sequence[Reading]) -> Floats:
        """What the second head says of the intent, len(readings) × labels; zeros without one."""
        if not self._second:
            return np.zeros((len(readings), len(self.manifest.heads["intent"])), dtype=np.float32)
        texts = [one.text for one in readings]
        vectors = frozen_vectors(self._frozen, texts) if self._frozen else None
        return self._second.logits(texts, vectors)

    def scope(self, readings: Sequence[Reading]) -> Floats:
        """How much each text looks like what the model was taught: the energy of its logits."""
        own = np.stack([one.logits["intent"] for one in readings])
        weight = np.float32(self.manifest.second_weight)
        return energy((1 - weight) * own + weight * self.second_logits(readings))

    def intents(self, readings: Sequence[Reading]) -> list[str]:
        """The likeliest intent of each text."""
        names = self.manifest.heads["intent"]
        return [names[n] for n in self.logits(readings, "intent").argmax(axis=1)]

    def entities(self, reading: Reading, intent: str) -> dict[str, Found]:
        """The entities of one text with calibrated probabilities.

        What messages of this intent hardly ever name is not read into it: a scammer's demand is no
        amount of the writer's.
        """
        if reading.tags is None:
            return {}
        probabilities = softmax(reading.tags)
        found = decode(
            reading.text, reading.window, probabilities, thresholds=self.manifest.thresholds
        )
        slope, shift = self.manifest.entity_scale
        return {
            key: Found(one.value, _scaled(one.probability, slope, shift))
            for key, one in found.items()
            if key not in self.manifest.silent.get(intent, ())
        }

    def _triage(self, reading: Reading, probabilities: Mapping[str, Floats]) -> Triage:
        labels: dict[str, str] = {}
        confidence: dict[str, float] = {}
        for head, names in self.manifest.heads.items():
            best = int(probabilities[head].argmax())
            labels[head], confidence[head] = names[best], round(float(probabilities[head][best]), 4)
        entities = self.entities(reading, labels["intent"])
        return Triage(
            intent=labels["intent"],
            urgency=Urgency(labels["urgency"]),
            sentiment=Sentiment(labels["sentiment"]),
            entities=Entities.model_validate({key: one.value for key, one in entities.items()}),
            confidence=confidence
            | {key: round(one.probability, 4) for key, one in entities.items()},
            uncertain=confidence["intent"] < self.manifest.thresholds["intent"],
            model=self.version,
        )


class RawNetwork:
    """The ONNX file with its tokenizer: texts to readings."""

    def __init__(self, folder: Path, max_tokens: int, *, file: str = MODEL) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / file), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the library raises bare exceptions of its own
            raise ModelInvalid(f"{folder / file}: cannot be loaded") from error
        self._outputs = [one.name for one in self._session.get_outputs()]
        self._windows = Windows(folder / TOKENIZER, max_tokens=max_tokens)

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in their order; texts of like length go together."""
        windows = self._windows.read(texts)
        found: dict[int, Reading] = {}
        for batch in _batches(windows):
            ids, mask = padded([windows[n] for n in batch])
            outputs = dict(
                zip(
                    self._outputs,
                    self._session.run(None, {"input_ids": ids, "attention_mask": mask}),
                    strict=True,
                )
            )
            for row, n in enumerate(batch):
                found[n] = _reading(texts[n], windows[n], outputs, row)
        return [found[n] for n in range(len(texts))]


def frozen_vectors(frozen: RawNetwork, texts: Sequence[str]) -> Floats:
    """What the encoder said before it was fine-tuned: len(texts) × 384, unit length."""
    vectors = np.stack([one.vector for one in frozen.read(texts)])
    found: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return found


def _reading(text: str, window: Window, outputs: dict[str, Floats], row: int) -> Reading:
    tags = outputs.get("tags")
    return Reading(
        text=text,
        window=window,
        logits={key: found[row] for key, found in outputs.items() if key not in {"tags", "vector"}},
        tags=tags[row, : len(window.ids)] if tags is not None else None,
        vector=outputs["vector"][row],
    )


def _batches(windows: Sequence[Window]) -> list[list[int]]:
    """Positions of windows of like length, each batch at most `BATCH_TOKENS` with its padding."""
    order = sorted(range(len(windows)), key=lambda n: len(windows[n].ids))
    batches: list[list[int]] = []
    for n in order:
        longest = len(windows[n].ids)
        if batches and (len(batches[-1]) + 1) * longest <= BATCH_TOKENS:
            batches[-1].append(n)
        else:
            batches.append([n])
    return batches


def _scaled(probability: float, slope: float, shift: float) -> float:
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return float(1 / (1 + np.exp(-(slope * np.log(bounded / (1 - bounded)) + shift))))
