"""From a fitted network to the int8 ONNX file that ships, about 23 MB.

Needs the extra `[train]`.
"""

import logging
import tempfile
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from triage.network import Exported, Network

PROBE_TOKENS = 12
WIDTH = 384


def export(network: Network, outputs: tuple[str, ...], path: Path) -> None:
    """Write the network with int8 weights, the embedding table too; the heads stay in float32.

    Inputs `input_ids` and `attention_mask`, both int64, batch × tokens; outputs as named.
    """
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "fp32.onnx"
        export_full(network, outputs, full)
        graph = onnx.load(full).graph
        narrow = _narrow(graph)
        heads = [node.name for node in graph.node if _is_head(node, narrow)]
        # Seven bits: processors without VNNI saturate on eight. Per channel: nearer to fp32.
        with _quiet():
            quantize_dynamic(
                str(full),
                str(path),
                weight_type=QuantType.QInt8,
                per_channel=True,
                reduce_range=True,
                op_types_to_quantize=["MatMul", "Gather"],
                nodes_to_exclude=heads,
            )


def export_full(network: Network, outputs: tuple[str, ...], path: Path) -> None:
    """Write the network as it is, float32."""
    network.encoder.set_attn_implementation("eager")
    ids = torch.from_numpy(np.full((2, PROBE_TOKENS), 101))
    mask = torch.ones_like(ids)
    mask[1, PROBE_TOKENS // 2 :] = 0
    with _quiet():
        torch.onnx.export(
            Exported(network, outputs).eval(),
            (ids, mask),
            str(path),
            dynamo=True,
            external_data=False,
            verbose=False,
            input_names=["input_ids", "attention_mask"],
            output_names=list(outputs),
            dynamic_shapes=({0: "batch", 1: "tokens"}, {0: "batch", 1: "tokens"}),
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to themselves what the exporters say about their own insides."""
    level = logging.root.level
    logging.root.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logging.root.setLevel(level)


def _is_head(node: onnx.NodeProto, narrow: Collection[str]) -> bool:
    """Whether a node multiplies with the weights of a head; those are small and stay exact."""
    return any(name in narrow for name in node.input)


def _narrow(graph: onnx.GraphProto) -> set[str]:
    """Weights with fewer columns than any layer of the encoder has."""
    return {one.name for one in graph.initializer if len(one.dims) > 1 and one.dims[1] < WIDTH}
