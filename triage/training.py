"""Fine-tuning: examples in, a folder with an int8 model, its manifest and its card out.

Reads top to bottom: `train` loads, fits, exports, calibrates on the exported file, saves.
Needs the extra `[train]`.
"""

import copy
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from triage.dataset import Dataset
from triage.network import Network
from triage.preparation import Prepared, label_sets, prepare
from triage.spans import TAGS, UNTAGGED
from triage.windows import MOST_TOKENS, Windows, padded

_BUCKET = 96


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to fit; the defaults suit some thousand examples and made the shipped model.

    Few examples touch few words: the embedding table then stays as it is, and the layers above it
    learn faster.
    """

    epochs: int = 6
    batch: int = 32
    encoder_rate: float = 2e-4
    head_rate: float = 5e-3
    warm_up: float = 0.1
    decay: float = 0.01
    clip: float = 1.0
    patience: int = 2
    max_tokens: int = MOST_TOKENS
    freeze_embeddings: bool = True
    tags_weight: float = 4.0
    outlier_weight: float = 0.5
    seed: int = 7


MANY = Recipe(epochs=5, encoder_rate=1e-4, head_rate=1e-3, freeze_embeddings=False)
"""For ten thousand examples and more."""
MANY_EXAMPLES = 8000


def recipe_for(examples: int) -> Recipe:
    """The recipe for a number of training examples."""
    return MANY if examples >= MANY_EXAMPLES else Recipe()


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch came to; losses are negative log-likelihoods of the intent."""

    number: int
    train_loss: float
    validation_loss: float
    train_accuracy: float
    validation_accuracy: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """The best network of a run, and how the run went."""

    network: Network
    labels: dict[str, tuple[str, ...]]
    has_entities: bool
    history: tuple[Epoch, ...]


OnStep = Callable[[int, int, float], None]
"""Called with steps done, steps in all, and the loss."""
OnEpoch = Callable[[Epoch], None]


def fit(  # noqa: PLR0913  # what it is told, and two who listen
    dataset: Dataset,
    base: Path,
    recipe: Recipe,
    *,
    out_of_scope: str | None = None,
    on_step: OnStep = lambda _done, _total, _loss: None,
    on_epoch: OnEpoch = lambda _epoch: None,
) -> Fitted:
    """Fine-tune the base encoder; the weights of the epoch with the fewest validation errors win.

    Examples whose intent is `out_of_scope` teach no intent: the network learns to be unsure there.
    """
    torch.manual_seed(recipe.seed)
    labels = label_sets(dataset, out_of_scope)
    has_entities = any(one.entities is not None for one in dataset.train)
    windows = Windows(base / "tokenizer.json", max_tokens=recipe.max_tokens)
    rows = {
        split: prepare(dataset.split(split), windows, labels, out_of_scope)
        for split in ("train", "validation")
    }
    heads = {key: len(of) for key, of in labels.items()}
    network = Network(base, heads, tags=len(TAGS) * has_entities)
    run = _Run(network, recipe, len(rows["train"]), _class_weights(rows["train"], labels))
    history = tuple(_epochs(run, network, rows, on_step=on_step, on_epoch=on_epoch))
    return Fitted(network.eval(), labels, has_entities, history)


def _epochs(
    run: "_Run",
    network: Network,
    rows: Mapping[str, Sequence[Prepared]],
    *,
    on_step: OnStep,
    on_epoch: OnEpoch,
) -> Iterator[Epoch]:
    """Fit until the errors no longer fall; the network is left as it was at its best."""
    best, best_number, best_weights = math.inf, 0, copy.deepcopy(network.state_dict())
    for number in range(1, run.recipe.epochs + 1):
        began = time.monotonic()
        loss, accuracy = run.epoch(rows["train"], on_step)
        judged_loss, judged_accuracy, error = run.judge(rows["validation"])
        seconds = time.monotonic() - began
        epoch = Epoch(number, loss, judged_loss, accuracy, judged_accuracy, seconds)
        on_epoch(epoch)
        yield epoch
        if error < best:
            best, best_number = error, number
            best_weights = copy.deepcopy(network.state_dict())
        elif number - best_number >= run.recipe.patience:
            break
    network.load_state_dict(best_weights)


class _Run:
    """Network, optimiser and schedule of one run."""

    def __init__(
        self, network: Network, recipe: Recipe, examples: int, weights: dict[str, torch.Tensor]
    ) -> None:
        self._network = network
        self.recipe = recipe
        self._weights = weights
        self._order = random.Random(recipe.seed)  # noqa: S311  # reproducible, not secret
        if recipe.freeze_embeddings:
            network.encoder.embeddings.requires_grad_(requires_grad=False)
        encoder = {id(one) for one in network.encoder.parameters()}
        self._optimiser = torch.optim.AdamW(
            [
                {
                    "params": [one for one in network.encoder.parameters() if one.requires_grad],
                    "lr": recipe.encoder_rate,
                },
                {
                    "params": [one for one in network.parameters() if id(one) not in encoder],
                    "lr": recipe.head_rate,
                },
            ],
            weight_decay=recipe.decay,
            fused=True,
        )
        self._steps = recipe.epochs * math.ceil(examples / recipe.batch)
        self._done = 0
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, self._rate)

    def _rate(self, step: int) -> float:
        """Linear warm-up, then linear decay to nothing."""
        warm = max(1, round(self._steps * self.recipe.warm_up))
        return min((step + 1) / warm, max(0.0, (self._steps - step) / max(1, self._steps - warm)))

    def epoch(self, rows: Sequence[Prepared], on_step: OnStep) -> tuple[float, float]:
        """One pass over the examples: mean loss and accuracy of the intent."""
        self._network.train()
        total = right = counted = 0.0
        for batch in self._batches(rows):
            outputs, targets = self._forward(batch)
            loss = self._loss(outputs, targets, batch)
            self._optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self._network.parameters(), self.recipe.clip)
            self._optimiser.step()
            self._schedule.step()
            self._done += 1
            loss_sum, hits, known = _intent_figures(outputs, targets)
            total, right, counted = total + loss_sum, right + hits, counted + known
            on_step(self._done, self._steps, float(loss.detach()))
        return total / max(1, counted), right / max(1, counted)

    def judge(self, rows: Sequence[Prepared]) -> tuple[float, float, float]:
        """Loss and accuracy of the intent without dropout, and the error over all heads.

        The error is the sum of the heads' error rates, with a little of the loss to break ties.
        """
        self._network.eval()
        total, wrong, known = 0.0, Counter[str](), Counter[str]()
        with torch.no_grad():
            for batch in self._batches(rows):
                outputs, targets = self._forward(batch)
                total += _intent_figures(outputs, targets)[0]
                for key in outputs.keys() - {"vector"}:
                    asked = targets[key] > (0 if key == "tags" else UNTAGGED)
                    missed = (outputs[key].argmax(-1) != targets[key]) & asked
                    wrong[key] += int(missed.sum())
                    known[key] += int(asked.sum())
        error = sum(wrong[key] / max(1, known[key]) for key in known)
        mean_loss = total / max(1, known["intent"])
        accuracy = 1 - wrong["intent"] / max(1, known["intent"])
        return mean_loss, accuracy, error + mean_loss / 100

    def _batches(self, rows: Sequence[Prepared]) -> Iterator[list[Prepared]]:
        """Batches of like length, in random order."""
        order = list(range(len(rows)))
        self._order.shuffle(order)
        size = self.recipe.batch
        batches = []
        for start in range(0, len(order), size * _BUCKET):
            bucket = sorted(
                order[start : start + size * _BUCKET], key=lambda n: len(rows[n].window.ids)
            )
            batches += [bucket[n : n + size] for n in range(0, len(bucket), size)]
        self._order.shuffle(batches)
        return ([rows[n] for n in batch] for batch in batches)

    def _forward(
        self, batch: Sequence[Prepared]
    ) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
        ids, mask = padded([one.window for one in batch])
        targets = {key: torch.tensor([one.labels[key] for one in batch]) for key in batch[0].labels}
        tags = np.full(ids.shape, UNTAGGED)
        for n, one in enumerate(batch):
            tags[n, : len(one.tags or ())] = one.tags or ()
        targets["tags"] = torch.from_numpy(tags)
        return self._network(torch.from_numpy(ids), torch.from_numpy(mask)), targets

    def _loss(
        self,
        outputs: dict[str, torch.Tensor],
        targets: dict[str, torch.Tensor],
        batch: Sequence[Prepared],
    ) -> torch.Tensor:
        """The sum over the heads; what is not labelled takes no part."""
        total = torch.zeros(())
        for key in outputs.keys() - {"vector"}:
            if bool((targets[key] != UNTAGGED).any()):
                share = self.recipe.tags_weight if key == "tags" else 1.0
                total = total + share * torch.nn.functional.cross_entropy(
                    outputs[key].flatten(0, -2),
                    targets[key].flatten(),
                    weight=self._weights.get(key) if self._network.training else None,
                )
        outliers = torch.tensor([one.outlier for one in batch])
        if bool(outliers.any()):
            flat = -torch.log_softmax(outputs["intent"][outliers], dim=-1).mean()
            total = total + self.recipe.outlier_weight * flat * outliers.sum() / 4
        return total


def _class_weights(
    rows: Sequence[Prepared], labels: dict[str, tuple[str, ...]]
) -> dict[str, torch.Tensor]:
    """1/√count for urgency and sentiment, mean 1: rare classes are the ones that matter."""
    weights = {}
    for key in labels.keys() - {"intent"}:
        counts = Counter(one.labels[key] for one in rows)
        raw = torch.tensor([1 / math.sqrt(max(1, counts[n])) for n in range(len(labels[key]))])
        weights[key] = raw / raw.mean()
    return weights


def _intent_figures(
    outputs: dict[str, torch.Tensor], targets: dict[str, torch.Tensor]
) -> tuple[float, float, float]:
    known = targets["intent"] != UNTAGGED
    logits, wanted = outputs["intent"].detach()[known], targets["intent"][known]
    loss = (
        torch.nn.functional.cross_entropy(logits, wanted, reduction="sum") if len(wanted) else 0.0
    )
    return float(loss), float((logits.argmax(-1) == wanted).sum()), float(known.sum())
