"""Fit the projection that compresses token vectors for late interaction.

Run as
    python -m knowledge.encoder.project knowledge/articles/*.md triage/data/train/*.jsonl

Takes the directions that carry most of the token vectors of ordinary articles and messages
(uncentred principal components, so that products of vectors are kept as well as can be) and writes
`projection.npy` (dimensions × 64, float16) beside the encoder. Lines of JSON give their "input".
"""

import argparse
import hashlib
import json
import random
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

WIDTH = 64
MOST_TEXTS = 1000
SHORTEST = 80

# --- arguments -----------------------------------------------------------------------------
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("texts", type=Path, nargs="+", help="Markdown files, or lines of JSON")
parser.add_argument("--encoder", type=Path, default=Path(__file__).parent)
arguments = parser.parse_args()

# --- load ----------------------------------------------------------------------------------
texts: list[str] = []
for path in sorted(arguments.texts):
    text = path.read_text("utf-8")
    if path.suffix == ".jsonl":
        texts += [json.loads(line)["input"] for line in text.splitlines()]
    else:
        texts += [part for part in text.split("\n\n") if len(part) > SHORTEST]
random.Random(0).shuffle(texts)  # noqa: S311  # reproducible, not secret
tokenizer = Tokenizer.from_file(str(arguments.encoder / "tokenizer.json"))
tokenizer.enable_truncation(256)
session = onnxruntime.InferenceSession(str(arguments.encoder / "model.onnx"))

# --- fit -----------------------------------------------------------------------------------
products = np.zeros((384, 384))
for text in texts[:MOST_TEXTS]:
    ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
    (states,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    tokens = states[0, 1:-1] / np.linalg.norm(states[0, 1:-1], axis=1, keepdims=True)
    products += tokens.T @ tokens
strengths, directions = np.linalg.eigh(products)
projection = directions[:, ::-1][:, :WIDTH].astype(np.float16)

# --- save with manifest --------------------------------------------------------------------
target = arguments.encoder / "projection.npy"
np.save(target, projection)
manifest = json.loads((arguments.encoder / "manifest.json").read_text())
manifest["projection"] = hashlib.sha256(target.read_bytes()).hexdigest()[:12]
(arguments.encoder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
print(f"{WIDTH} of 384 directions carry {strengths[::-1][:WIDTH].sum() / strengths.sum():.1%}")
