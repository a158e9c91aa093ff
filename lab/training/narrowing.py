"""Structured (channel) pruning, and initialisation of a narrow network from a wide one.

Both keep the most important channels, slice the kernels of all layers that share them, and refit the layers that read
them.

- The importance of a channel is its standard deviation over positions and images, times the norm of the kernels that
  read it. Norms alone (Li et al., Pruning Filters for Efficient ConvNets, 2017) did no better than chance here: folded
  batch norms give nearly constant channels the largest kernels.
- A 1×1 convolution that reads fewer channels is refitted to its former output by least squares, layer by layer (He et
  al., Channel Pruning for Accelerating Very Deep Neural Networks, 2017). Without this step the output is useless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray
from PIL import Image

from lab.training.architectures.base import Architecture
from lab.training.axes import ridge
from lab.training.graph import fold
from lab.training.layerwise import Run, some_pixels

# Channel counts are multiples of 8, to fill the SIMD registers of the inference kernels.
CHANNELS_TOGETHER = 8
# Number of sampled positions that a kernel is fitted on.
PLACES = 8192
PICTURE = "picture"

Channels = NDArray[np.intp]
# Layers that create new output channels; all others keep the channels of their input.
MAKERS = (layers.Conv2D, layers.Concatenate)


def without_channels(served: keras.Model, share: float, pictures: Sequence[Image.Image]) -> keras.Model:
    """Return the folded served graph after channel pruning: `share` of each block's hidden channels is removed.

    Hidden channels are those that a 1×1 convolution expands to, before a depthwise one. Their importance is measured on
    `pictures`. Each block keeps a multiple of 8, at least 8; a block whose hidden channels are served as features keeps
    all. The outputs keep their shapes. Raises ValueError unless 0 ≤ share < 1, or if there are no such blocks.
    """
    if not 0 <= share < 1:
        raise ValueError(f"The share of channels to remove must be from 0 up to 1, not {share}.")
    streams = _Streams(served)
    hidden = _hidden(served, streams)
    if not hidden:
        raise ValueError("Only networks of inverted residual blocks can be narrowed. Take a MobileNetV2, for example.")
    pixels = some_pixels(pictures, int(served.input.shape[1]))
    strengths = _strengths(served, streams, pixels)
    kept = _kept(strengths, {stream: _rest(len(strengths[stream]), share) for stream in hidden})

    def clone(layer: layers.Layer) -> layers.Layer:
        config = layer.get_config()
        stream = streams.written.get(layer.name)
        if isinstance(layer, layers.Conv2D) and stream in kept:
            config["filters"] = len(kept[stream])
        return type(layer).from_config(config)

    narrow = keras.models.clone_model(served, clone_function=clone)
    _set_slices(narrow, served, streams, kept)
    _mend(narrow, served, streams, kept, pixels)
    return narrow


def build_narrow(
    narrow: Architecture, wide: Architecture, weights: str, size: int, pictures: Sequence[Image.Image]
) -> keras.Model:
    """Return a folded backbone of `narrow`, all layers trainable, initialised from a wider one by start_narrow().

    `weights` are those of the wide one: a file or IMAGENET. Raises ValueError as start_narrow() does.
    """
    knowing = wide.build(size)
    wide.initialise(knowing, weights)
    started = fold(narrow.build(size))
    start_narrow(started, fold(knowing), pictures)
    return started


def start_narrow(narrow: keras.Model, wide: keras.Model, pictures: Sequence[Image.Image]) -> None:
    """Set the weights of a folded backbone to approximate the outputs of a wider one on the pictures.

    Raises ValueError if the two differ in more than the number of channels.
    """
    if [layer.name for layer in narrow.layers if layer.weights] != [
        layer.name for layer in wide.layers if layer.weights
    ]:
        raise ValueError("The two networks must have the same layers: of one architecture, both folded.")
    streams = _Streams(wide)
    pixels = some_pixels(pictures, int(wide.input.shape[1]))
    strengths = _strengths(wide, streams, pixels)
    kept = _kept(strengths, {stream: int(narrow.get_layer(stream).output.shape[-1]) for stream in strengths})
    _set_slices(narrow, wide, streams, kept)
    _mend(narrow, wide, streams, kept, pixels)


class _Streams:
    """Groups of layers that share the same channels (streams), each named after a layer that creates it.

    `read` and `written` map a layer's name to its input and output stream. `whole` has the streams that are outputs or
    concatenated: they must keep all their channels, in order.
    """

    def __init__(self, network: keras.Model) -> None:
        self._same: dict[str, str] = {}
        of_tensor: dict[str, str] = {}
        read, written = {}, {}
        served = set()
        for layer in network.operations:
            if isinstance(layer, layers.InputLayer):
                of_tensor[layer.output.name] = PICTURE
                continue
            first, *others = (of_tensor[tensor.name] for tensor in keras.tree.flatten(layer.input))
            if isinstance(layer, layers.Concatenate):
                served.update([first, *others])
            else:
                self._join(first, others)
            own = layer.name if isinstance(layer, MAKERS) else first
            read[layer.name], written[layer.name], of_tensor[layer.output.name] = first, own, own
        served.update(of_tensor[tensor.name] for tensor in network.outputs)
        self.read = {name: self._root(stream) for name, stream in read.items()}
        self.written = {name: self._root(stream) for name, stream in written.items()}
        self.whole = {self._root(stream) for stream in served}

    def _join(self, first: str, others: Sequence[str]) -> None:
        """Merge streams that are added or multiplied element-wise (union-find)."""
        for other in others:
            if self._root(other) != self._root(first):
                self._same[self._root(other)] = self._root(first)

    def _root(self, stream: str) -> str:
        while stream in self._same:
            stream = self._same[stream]
        return stream


def _hidden(network: keras.Model, streams: _Streams) -> set[str]:
    """Return the streams between a 1×1 and a depthwise convolution that may lose channels."""
    read = {streams.read[layer.name] for layer in network.layers if isinstance(layer, layers.DepthwiseConv2D)}
    return {stream for stream in read - streams.whole if network.get_layer(stream).kernel_size == (1, 1)}


def _strengths(network: keras.Model, streams: _Streams, pixels: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return the importance of each channel, (channels,), of each stream that convolutions read."""
    strengths: dict[str, NDArray[np.float32]] = {}
    run = Run(network, pixels)
    for layer in network.operations:
        stream = streams.read.get(layer.name, PICTURE)
        if isinstance(layer, layers.Conv2D) and stream != PICTURE:
            norms = np.sqrt(np.square(layer.get_weights()[0]).sum(axis=(0, 1, 3)))
            strengths[stream] = strengths.get(stream, 0.0) + norms * run.before(layer).std(axis=(0, 1, 2))
        run.pass_on(layer)
    return strengths


def _rest(channels: int, share: float) -> int:
    """Return how many channels remain after a share is removed, rounded to CHANNELS_TOGETHER."""
    eights = round(channels * (1 - share) / CHANNELS_TOGETHER)
    return min(channels, CHANNELS_TOGETHER * max(1, eights)) if share else channels


def _kept(strengths: Mapping[str, NDArray[np.float32]], counts: Mapping[str, int]) -> dict[str, Channels]:
    """Return the sorted indices of the most important channels of each stream that is to be reduced."""
    return {
        stream: np.sort(np.argsort(-strengths[stream], kind="stable")[:count])
        for stream, count in counts.items()
        if count < len(strengths[stream])
    }


def _set_slices(narrow: keras.Model, wide: keras.Model, streams: _Streams, kept: Mapping[str, Channels]) -> None:
    """Set the weights of `narrow` to the kept channels of `wide`; a stream missing from `kept` keeps all."""
    for layer in wide.layers:
        if layer.weights:
            read, written = (kept.get(of[layer.name], slice(None)) for of in (streams.read, streams.written))
            kernel, *bias = layer.get_weights()
            kernel = kernel[:, :, read]
            # A depthwise kernel is (h, w, channels, 1).
            kernel = kernel if isinstance(layer, layers.DepthwiseConv2D) else kernel[..., written]
            narrow.get_layer(layer.name).set_weights([kernel, *(values[written] for values in bias)])


def _mend(
    narrow: keras.Model,
    wide: keras.Model,
    streams: _Streams,
    kept: Mapping[str, Channels],
    pixels: NDArray[np.float32],
) -> None:
    """Refit each 1×1 convolution that reads fewer channels to the wide network's output, by ridge regression."""
    reference, narrowed = Run(wide, pixels), Run(narrow, pixels)
    rng = np.random.default_rng(1)
    for known, layer in zip(wide.operations, narrow.operations, strict=True):
        target = reference.pass_on(known)
        if isinstance(layer, layers.Conv2D) and layer.kernel_size == (1, 1) and streams.read[known.name] in kept:
            kernel, bias = layer.get_weights()
            rows = narrowed.before(layer).reshape(-1, kernel.shape[2])
            places = rng.permutation(len(rows))[:PLACES]
            rows = rows[places]
            targets = np.asarray(target).reshape(-1, target.shape[-1])[places]
            targets = targets[:, kept.get(streams.written[known.name], slice(None))]
            more, shift = ridge(rows, targets - (rows @ kernel[0, 0] + bias))
            layer.set_weights([kernel + more, bias + shift])
        narrowed.pass_on(layer)
