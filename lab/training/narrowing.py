"""Networks with fewer channels: structured pruning, and a narrow network that starts from a wide one.

Both keep the channels that matter most, slice the kernels of all layers that share them, and mend what reads them.

- A channel matters by how much it varies between places and pictures, times the norm of the kernels that read it. Norms
  alone (Li et al., Pruning Filters for Efficient ConvNets, 2017) chose no better than chance here: folded batch norms
  give channels that hardly vary the largest kernels.
- A 1×1 convolution that reads fewer channels is fitted anew to what it put out before, layer by layer (He et al.,
  Channel Pruning for Accelerating Very Deep Neural Networks, 2017). Without, nothing of a picture is left at the end.
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

# What runs a network likes its channels in eights: a vector register holds so many.
CHANNELS_TOGETHER = 8
# Of so many places in the photos a kernel is fitted.
PLACES = 8192
PICTURE = "picture"

Channels = NDArray[np.intp]
# Layers whose output channels are their own: elsewhere channels come out as they went in.
MAKERS = (layers.Conv2D, layers.Concatenate)


def without_channels(served: keras.Model, share: float, pictures: Sequence[Image.Image]) -> keras.Model:
    """Return the served graph, folded as it is, without `share` of each block's hidden channels, judged by pictures.

    Hidden are the channels that a 1×1 convolution expands into for a depthwise one. Of each block's, a multiple of
    eight is kept, eight at least; all are kept of a block whose hidden channels are served as features. Every output
    has the shape it had. Raises ValueError if the share is not from 0 up to 1, or the network has no such blocks.
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
    """Return a backbone of `narrow`, folded, nothing frozen, that starts from what a wider one knows of pictures.

    `weights` are the wide one's, a file or IMAGENET. Raises ValueError as start_narrow() does.
    """
    knowing = wide.build(size)
    wide.initialise(knowing, weights)
    started = fold(narrow.build(size))
    start_narrow(started, fold(knowing), pictures)
    return started


def start_narrow(narrow: keras.Model, wide: keras.Model, pictures: Sequence[Image.Image]) -> None:
    """Set the weights of a folded backbone so that it does what it can of what a wider one does with the pictures.

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
    """Which layers share their channels: a stream of them is named by a layer that makes it.

    `read` and `written` are the streams of each layer, by its name. `whole` are those that are served, or joined side
    by side: the places of their channels matter.
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
        """Note that streams are added or multiplied, channel by channel: they are one."""
        for other in others:
            if self._root(other) != self._root(first):
                self._same[self._root(other)] = self._root(first)

    def _root(self, stream: str) -> str:
        while stream in self._same:
            stream = self._same[stream]
        return stream


def _hidden(network: keras.Model, streams: _Streams) -> set[str]:
    """Return the streams that a 1×1 convolution makes for a depthwise one, and that are not served."""
    read = {streams.read[layer.name] for layer in network.layers if isinstance(layer, layers.DepthwiseConv2D)}
    return {stream for stream in read - streams.whole if network.get_layer(stream).kernel_size == (1, 1)}


def _strengths(network: keras.Model, streams: _Streams, pixels: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return how much each channel of each stream that convolutions read matters to them, (channels,)."""
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
    """Return how many channels are left without a share of them."""
    eights = round(channels * (1 - share) / CHANNELS_TOGETHER)
    return min(channels, CHANNELS_TOGETHER * max(1, eights)) if share else channels


def _kept(strengths: Mapping[str, NDArray[np.float32]], counts: Mapping[str, int]) -> dict[str, Channels]:
    """Return the places of the strongest channels, in order, of each stream that shall have fewer than it has."""
    return {
        stream: np.sort(np.argsort(-strengths[stream], kind="stable")[:count])
        for stream, count in counts.items()
        if count < len(strengths[stream])
    }


def _set_slices(narrow: keras.Model, wide: keras.Model, streams: _Streams, kept: Mapping[str, Channels]) -> None:
    """Set the weights of `narrow` to the kept channels of those of `wide`; where none are named, all are kept."""
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
    """Add to each 1×1 kernel that reads fewer channels what brings its output nearest to the wide network's."""
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
