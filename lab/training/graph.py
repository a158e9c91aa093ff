"""The served graph: a backbone with a convolutional category head, whose class map localises the category."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from lab.training.architectures.base import RANDOM, Architecture

CLASS_MAP = "class_map"
DROPPED_CHANNELS = 0.2
CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D)


def build_backbone(architecture: Architecture, weights: str, size: int) -> keras.Model:
    """Return the backbone of an architecture with initial `weights`: RANDOM, IMAGENET or a file's name.

    A pretrained backbone has its batch norms folded into the convolutions and its first layers frozen: a training step
    takes three quarters of the time, and the converter has nothing left to fold. Training from random weights needs
    the norms to converge.
    """
    backbone = architecture.build(size)
    architecture.initialise(backbone, weights)
    if weights == RANDOM:
        return backbone
    folded = fold(backbone)
    frozen = True
    for layer in folded.layers:
        frozen = frozen and not layer.name.startswith(architecture.frozen_before)
        layer.trainable = not frozen
    return folded


def build_served(backbone: keras.Model, categories: int, *, dropped: float = 0.0) -> keras.Model:
    """Return the served graph, with outputs class map (n, h, w, categories) and pooled features (n, d), not normalised.

    The logits are the spatial mean of the class map, which equals pooling and then a dense layer (Zhou et al., Learning
    Deep Features for Discriminative Localization, 2016). The pooled features are the last layer's, then those of a
    middle layer, which encodes fabric and print more than category. `dropped` is the spatial dropout rate in training.
    """
    last, middle = backbone.output, middle_of(backbone)
    seen = layers.SpatialDropout2D(dropped)(last) if dropped else last
    class_map = layers.Conv2D(categories, 1, name=CLASS_MAP)(seen)
    pooled = layers.Concatenate(name="pooled")(
        [layers.GlobalAveragePooling2D()(last), layers.GlobalAveragePooling2D()(middle)]
    )
    return keras.Model(backbone.input, [class_map, pooled], name="served")


def middle_of(backbone: keras.Model) -> keras.KerasTensor:
    """Return the output of the last layer before the last downsampling."""
    smallest = int(backbone.output.shape[1])
    before = [
        layer.output
        for layer in backbone.layers
        if not isinstance(layer, layers.ZeroPadding2D | layers.InputLayer)
        and len(layer.output.shape) == len(backbone.output.shape)
        and int(layer.output.shape[1]) > smallest
    ]
    return before[-1]


def last_features(served: keras.Model) -> int:
    """Return how many of the pooled features, the first ones, are the last layer's."""
    return int(served.get_layer(CLASS_MAP).input.shape[-1])


def resized(served: keras.Model, size: int) -> keras.Model:
    """Return the served graph with the same weights for an input of another size, in pixels."""
    other = keras.models.clone_model(served, input_tensors=keras.Input((size, size, 3)))
    other.set_weights(served.get_weights())
    return other


def fold(network: keras.Model) -> keras.Model:
    """Return an equivalent network after batch-norm folding: scale and shift are merged into the convolutions.

    Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference, 2018,
    section 3.2. A batch norm that follows no convolution is kept.
    """
    norms = {
        layer.input.name: layer
        for layer in network.layers
        if isinstance(layer, layers.BatchNormalization) and _maker(layer.input, network) is not None
    }
    passed = {norm.name for norm in norms.values()}
    convolutions = {layer.name: norms.get(layer.output.name) for layer in network.layers if _is_convolution(layer)}

    def clone(layer: layers.Layer) -> layers.Layer:
        config = layer.get_config()
        if convolutions.get(layer.name) is not None:
            config["use_bias"] = True
        return type(layer).from_config(config)

    def call(layer: layers.Layer, *args: object, **kwargs: object) -> object:
        return args[0] if layer.name in passed else layer(*args, **kwargs)

    folded = keras.models.clone_model(network, clone_function=clone, call_function=call)
    for layer in network.layers:
        norm = convolutions.get(layer.name)
        if norm is not None:
            folded.get_layer(layer.name).set_weights(_folded_weights(layer, norm))
        elif layer.name not in passed and layer.weights:
            folded.get_layer(layer.name).set_weights(layer.get_weights())
    return folded


def _is_convolution(layer: layers.Layer) -> bool:
    return isinstance(layer, CONVOLUTIONS)


def _maker(tensor: keras.KerasTensor, network: keras.Model) -> layers.Layer | None:
    """Return the convolution that outputs the tensor, if there is one."""
    return next(
        (layer for layer in network.layers if _is_convolution(layer) and layer.output.name == tensor.name), None
    )


def _folded_weights(convolution: layers.Layer, norm: layers.BatchNormalization) -> list[NDArray[np.float32]]:
    """Return kernel and bias of one convolution equivalent to `convolution` followed by `norm`."""
    kernel, *bias = convolution.get_weights()
    # Without scale or centre a norm has no gamma or beta.
    scale_by = norm.gamma.numpy() if norm.scale else 1.0
    shift_by = norm.beta.numpy() if norm.center else 0.0
    scale = scale_by / np.sqrt(norm.moving_variance.numpy() + norm.epsilon)
    # A depthwise kernel is (h, w, channels, 1), an ordinary one (h, w, inputs, channels).
    shape = (1, 1, -1, 1) if isinstance(convolution, layers.DepthwiseConv2D) else (1, 1, 1, -1)
    before = bias[0] if bias else 0.0
    return [kernel * scale.reshape(shape), shift_by + (before - norm.moving_mean.numpy()) * scale]
