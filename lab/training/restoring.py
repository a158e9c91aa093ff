"""The Keras graph of a float32 artefact, with the weights of its network file: what is needed to train it further."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
from ai_edge_litert.tools import flatbuffer_utils
from keras import layers
from numpy.typing import NDArray

from lab.training import architectures, graph
from visualsearch.inference.artefact import LABELS_FILE
from visualsearch.inference.litert import MODEL_FILE

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")


def restore(folder: Path, size: int, *, architecture: str = architectures.DEFAULT, dropped: float = 0.0) -> keras.Model:
    """Return the served graph of the float32 artefact in `folder`, for pictures of `size` pixels, batch norms folded.

    `dropped` is the spatial dropout rate before the class map, in training. Raises ValueError if the file is of another
    architecture.
    """
    labels = (folder / LABELS_FILE).read_text(encoding="utf-8").split()
    backbone = graph.fold(architectures.named(architecture).build(size))
    served = graph.build_served(backbone, len(labels), dropped=dropped)
    fill(served, (folder / MODEL_FILE).read_bytes())
    return served


def fill(served: keras.Model, network: bytes) -> None:
    """Give the convolutions of a served graph the weights of a float32 .tflite file, in which they have its order.

    Raises ValueError if the file has other convolutions.
    """
    takers = [layer for layer in served.layers if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D)]
    found = list(_weights_in(network))
    wanted = [[tuple(weight.shape) for weight in layer.weights] for layer in takers]
    given = [[weight.shape for weight in weights] for weights in found]
    if wanted != given:
        raise ValueError(f"The file's {len(given)} convolutions are not the {len(wanted)} of this architecture.")
    for layer, weights in zip(takers, found, strict=True):
        layer.set_weights(weights)


def _weights_in(network: bytes) -> Iterator[list[NDArray[np.float32]]]:
    """Yield kernel and bias of each convolution of a .tflite file, shaped as Keras has them."""
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(network))
    of_file = model.subgraphs[0]

    def values(place: int) -> NDArray[np.float32]:
        tensor = of_file.tensors[place]
        content = model.buffers[tensor.buffer].data.tobytes()
        return np.frombuffer(content, np.float32).reshape(tensor.shape)

    for one in of_file.operators:
        kind = flatbuffer_utils.opcode_to_name(model, one.opcodeIndex)
        if kind in CONVOLUTIONS:
            kernel, bias = (values(place) for place in one.inputs[1:3])
            # A file has (outputs, h, w, inputs), and (1, h, w, channels) of a depthwise one.
            axes = (1, 2, 3, 0)
            yield [np.transpose(kernel, axes), bias]
