"""Counts of a network's components: operators of a .tflite file, layers of a Keras graph."""

from __future__ import annotations

from collections import Counter

import keras
from ai_edge_litert.tools import flatbuffer_utils


def operators_of(network: bytes) -> dict[str, int]:
    """Return how often a .tflite file uses each operator, by TFLite's name (CONV_2D), the most frequent first."""
    model = flatbuffer_utils.read_model_from_bytearray(network)
    names = [
        flatbuffer_utils.opcode_to_name(model, operator.opcodeIndex)
        for part in model.subgraphs
        for operator in part.operators
    ]
    return dict(Counter(names).most_common())


def layers_of(model: keras.Model) -> dict[str, int]:
    """Return how many layers of each kind a Keras graph has, by class name (Conv2D), the most frequent first."""
    return dict(Counter(type(layer).__name__ for layer in model.layers).most_common())
