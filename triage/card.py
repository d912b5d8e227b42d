"""The model card: a manifest in words, beside the weights (pure)."""

from typing import Any

from triage.manifest import Manifest


def card(manifest: Manifest) -> str:
    """Markdown that says what the model does, how good it is, and what it is not for."""
    examples = ", ".join(f"{count} {split}" for split, count in manifest.examples.items())
    lines = [
        f"# {manifest.name} {manifest.version}",
        "",
        f"Fine-tuned from {manifest.origin.name} (Apache-2.0, weights sha256 "
        f"`{manifest.origin.weights_sha256[:12]}…`), all layers"
        f"{_table_kept(manifest)}; one encoder, heads for {', '.join(manifest.heads)}"
        + (" and token tags for entities." if manifest.entities else "."),
        "Int8 ONNX, embedding table included; runs on one processor thread without a network.",
        "",
        f"- Examples: {examples}; hash `{manifest.data_sha256[:12]}…`",
        f"- Intents: {len(manifest.heads['intent'])}",
        f"- Reads {manifest.max_tokens} tokens: of longer texts the head and the tail",
        f"- Made {manifest.created}, {manifest.seconds / 60:.0f} minutes of fine-tuning",
        f"- Below an intent confidence of {manifest.thresholds['intent']:.2f} a person decides",
        f"- Second head (words and letter n-grams): weight {manifest.second_weight:g}",
        "",
        "## On validation examples, of writers that training has not seen",
        "",
        *_table(manifest.metrics.get("validation", {})),
        "",
        "`loss` is the mean negative log-likelihood; `ECE` the expected calibration error before",
        "and after temperature scaling; `coverage` the share of messages that can be decided at",
        "95 % precision. Thresholds and temperatures were fitted on these same examples.",
        "",
        "## Training",
        "",
        *_history(manifest.recipe.get("history", [])),
        "",
        "## Limits",
        "",
        "English only. The labels follow one guide for one kind of shop: measure on your own",
        "messages before you trust it, and correct what it gets wrong. It never sees attachments.",
        "It judges what is written, not what is true: a forged message is labelled like any other.",
    ]
    return "\n".join(lines) + "\n"


def _table_kept(manifest: Manifest) -> str:
    return " above the embedding table" if manifest.recipe.get("freeze_embeddings") else ""


def _table(metrics: dict[str, Any]) -> list[str]:
    rows = [
        "| head | accuracy | macro-F1 | loss | ECE before → after | coverage |",
        "|---|---|---|---|---|---|",
    ]
    for head, one in metrics.items():
        if head == "entities":
            rows.append(f"| entities (values, micro) | | {one['micro_f1']:.3f} | | | |")
        elif isinstance(one, dict):
            rows.append(
                f"| {head} | {one['accuracy']:.3f} | {one['macro_f1']:.3f} | {one['loss']:.3f} | "
                f"{one['ece_before']:.3f} → {one['ece']:.3f} | {one['coverage_at_95']:.0%} |"
            )
    return rows


def _history(epochs: list[dict[str, Any]]) -> list[str]:
    rows = [
        "Loss and accuracy of the intent; a validation loss that rises while the training loss",
        "falls is overfitting. The epoch with the fewest validation errors over all heads is kept.",
        "",
        "| epoch | train loss | validation loss | train accuracy | validation accuracy | gap |",
        "|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {one['number']} | {one['train_loss']:.3f} | {one['validation_loss']:.3f} | "
        f"{one['train_accuracy']:.3f} | {one['validation_accuracy']:.3f} | "
        f"{one['train_accuracy'] - one['validation_accuracy']:+.3f} |"
        for one in epochs
    ]
    return rows
