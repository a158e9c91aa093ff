"""MobileNetV2 with a convolutional category head: one graph, whose class map says what and where."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

# Early layers see edges and cost the most: they stay as ImageNet left them.
FROZEN_BLOCKS = 4
BATCH_NORM_EPSILON = 1e-3
# Beside the last layer the pooled features hold a middle one, which knows more of cloth and print than of kinds.
MIDDLE = "block_13_expand_relu"
LAST = "out_relu"
# The pooled features: first the last layer's, then the middle one's.
LAST_FEATURES, MIDDLE_FEATURES = 1280, 576
FEATURES = LAST_FEATURES + MIDDLE_FEATURES


def build_backbone(weights: str | Path, size: int) -> keras.Model:
    """Return MobileNetV2 for (size, size, 3) pictures in −1..1, its batch norms folded into the convolutions.

    `weights` is a file of Keras weights without top, "imagenet" (Keras downloads them) or "random". Folded, a step
    of training takes three quarters of the time, and there is nothing left for the converter to fold.
    """
    named = {"imagenet": "imagenet", "random": None}
    normed = keras.applications.MobileNetV2(
        input_shape=(size, size, 3), include_top=False, weights=named.get(str(weights))
    )
    if str(weights) not in named:
        normed.load_weights(str(weights))
    folded = keras.models.clone_model(normed, clone_function=_with_bias, call_function=_past_batch_norm)
    follower = {
        layer.input.name: layer for layer in normed.layers if isinstance(layer, keras.layers.BatchNormalization)
    }
    for layer in normed.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            folded.get_layer(layer.name).set_weights(_fold(layer, follower[layer.output.name]))
    frozen = True
    for layer in folded.layers:
        frozen = frozen and not layer.name.startswith(f"block_{FROZEN_BLOCKS}_")
        layer.trainable = not frozen
    return folded


def build_served(backbone: keras.Model, categories: int) -> keras.Model:
    """Return the graph that is served: (class map (h, w, categories), pooled features), neither normalised.

    The mean of the class map over its positions is the logits: the same function as pooling, then a dense layer.
    """
    last = backbone.get_layer(LAST).output
    middle = backbone.get_layer(MIDDLE).output
    class_map = keras.layers.Conv2D(categories, 1, name="class_map")(last)
    pooled = keras.layers.Concatenate(name="pooled")(
        [keras.layers.GlobalAveragePooling2D()(last), keras.layers.GlobalAveragePooling2D()(middle)]
    )
    return keras.Model(backbone.input, [class_map, pooled], name="served")


def resized(served: keras.Model, size: int) -> keras.Model:
    """Return the served graph with the same weights for pictures of another size."""
    categories = int(served.output[0].shape[-1])
    other = build_served(build_backbone("random", size), categories)
    other.set_weights(served.get_weights())
    return other


def _with_bias(layer: keras.layers.Layer) -> keras.layers.Layer:
    config = layer.get_config()
    if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
        config["use_bias"] = True
    return type(layer).from_config(config)


def _past_batch_norm(layer: keras.layers.Layer, *args: object, **kwargs: object) -> object:
    return args[0] if isinstance(layer, keras.layers.BatchNormalization) else layer(*args, **kwargs)


def _fold(convolution: keras.layers.Layer, norm: keras.layers.BatchNormalization) -> list[np.ndarray]:
    """Return kernel and bias of the convolution that does what `convolution`, then `norm`, do."""
    kernel = convolution.get_weights()[0]
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
    # A depthwise kernel is (h, w, channels, 1), an ordinary one (h, w, inputs, channels).
    shape = (1, 1, -1, 1) if isinstance(convolution, keras.layers.DepthwiseConv2D) else (1, 1, 1, -1)
    return [kernel * scale.reshape(shape), beta - mean * scale]
