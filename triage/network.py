"""The network: one encoder, a pooled vector and a linear head for each label, tags for entities.

Needs the extra `[train]`. At run time the same network is an ONNX file, see `adapters/local.py`.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
import transformers

DROPOUT = 0.1


class Network(torch.nn.Module):
    """MiniLM with heads.

    Each head reads its own weighted mean of the token vectors; the weights start equal, so that
    training starts from mean pooling.
    """

    def __init__(self, base: Path, heads: Mapping[str, int], *, tags: int) -> None:
        super().__init__()
        transformers.logging.set_verbosity_error()
        self.encoder = transformers.AutoModel.from_pretrained(
            base, attention_probs_dropout_prob=0.0, add_pooling_layer=False
        )
        width = self.encoder.config.hidden_size
        self.dropout = torch.nn.Dropout(DROPOUT)
        self.heads = torch.nn.ModuleDict(
            {key: torch.nn.Linear(width, n) for key, n in heads.items()}
        )
        self.pools = torch.nn.ModuleDict({key: torch.nn.Linear(width, 1) for key in heads})
        for pool in self.pools.values():
            torch.nn.init.zeros_(pool.weight)
            torch.nn.init.zeros_(pool.bias)
        self.tags = torch.nn.Linear(width, tags) if tags else None

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Logits by head (batch × labels), `tags` (batch × tokens × tags), `vector` (batch × 384).

        `vector` is the one that the intent head reads; the mean of the tokens without any head.
        """
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        found: dict[str, torch.Tensor] = {}
        if not self.heads:
            kept = attention_mask.unsqueeze(-1).to(states.dtype)
            found["vector"] = (states * kept).sum(dim=1) / kept.sum(dim=1)
        for key, head in self.heads.items():
            scores = self.pools[key](states).squeeze(-1)
            scores = scores.masked_fill(attention_mask == 0, -1e4)
            vector = (torch.softmax(scores, dim=1).unsqueeze(-1) * states).sum(dim=1)
            if key == "intent":
                found["vector"] = vector
            found[key] = head(self.dropout(vector))
        if self.tags is not None:
            found["tags"] = self.tags(self.dropout(states))
        return found


class Exported(torch.nn.Module):
    """The network with its outputs in a fixed order, as an ONNX graph has them."""

    def __init__(self, network: Network, outputs: tuple[str, ...]) -> None:
        super().__init__()
        self.network = network
        self.outputs = outputs

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        """The outputs named in `outputs`."""
        found = self.network(input_ids, attention_mask)
        return tuple(found[key] for key in self.outputs)
