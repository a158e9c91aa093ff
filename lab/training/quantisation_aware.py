"""Quantisation-aware training: fake quantisation in the forward pass, straight-through gradients in the backward pass.

Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference, 2018,
section 3; per-channel weights: Krishnamoorthi, Quantizing deep convolutional networks for efficient inference, 2018.
"""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import layers, ops

from lab.training.graph import CONVOLUTIONS

LARGEST_WEIGHT = 127
ACTIVATIONS = (layers.ReLU, layers.Activation)
# Layers whose outputs need fake quantisation. Padding and dropout pass on values that are already quantised.
CALCULATING = (
    *CONVOLUTIONS,
    *ACTIVATIONS,
    layers.Add,
    layers.Multiply,
    layers.Concatenate,
    layers.GlobalAveragePooling2D,
)


def quantisation_aware(served: keras.Model) -> keras.Model:
    """Return a network with fake quantisation that shares the variables of `served`.

    Training it trains `served`, which is then converted to int8. Layers keep their names. Weights are quantised
    symmetrically per output channel, activations per tensor with the range of the batch: no state is kept between
    steps, and the converter calibrates ranges on a set of images anyway. The input, being bytes, is not quantised.
    Raises ValueError if a layer other than a convolution has weights.

    The int8 file rounds slightly more: TensorFlow 2.21 gives a tensor that only an Add reads the range of the sum,
    since its calibration finds both in the same memory (tensorflow/tensorflow#127842).
    """
    activated = {layer.input.name for layer in served.layers if isinstance(layer, ACTIVATIONS)}
    # The converter fuses a convolution and its activation into one operator with one output.
    rounded = {
        layer.name
        for layer in served.layers
        if isinstance(layer, CALCULATING) and not (_is_convolution(layer) and layer.output.name in activated)
    }

    def clone(layer: layers.Layer) -> layers.Layer:
        if _is_convolution(layer):
            return RoundedConvolution(layer)
        if layer.weights:
            raise ValueError(f"{layer.name} has weights and is no convolution. Fold batch norms first: graph.fold().")
        return type(layer).from_config(layer.get_config())

    def call(layer: layers.Layer, *args: object, **kwargs: object) -> object:
        values = layer(*args, **kwargs)
        return RoundedActivation(name=f"{layer.name}_rounded")(values) if layer.name in rounded else values

    return keras.models.clone_model(served, clone_function=clone, call_function=call)


def _is_convolution(layer: layers.Layer) -> bool:
    return isinstance(layer, CONVOLUTIONS)


class RoundedConvolution(layers.Layer):
    """Applies `convolution` with its kernel fake-quantised to int8, symmetrically per output channel (255 levels)."""

    def __init__(self, convolution: layers.Layer) -> None:
        super().__init__(name=convolution.name)
        self.convolution = convolution
        # A depthwise kernel is (h, w, channels, 1), an ordinary one (h, w, inputs, channels).
        self._axes = (0, 1) if isinstance(convolution, layers.DepthwiseConv2D) else (0, 1, 2)

    def call(self, values: keras.KerasTensor) -> keras.KerasTensor:
        with keras.StatelessScope([(self.convolution.kernel, self.rounded_kernel())]):
            return self.convolution(values)

    def rounded_kernel(self) -> keras.KerasTensor:
        """Return the fake-quantised kernel, float32; its gradient is straight-through."""
        kernel = self.convolution.kernel.value
        largest = ops.max(ops.abs(kernel), axis=self._axes, keepdims=True)
        step = ops.maximum(largest, keras.config.epsilon()) / LARGEST_WEIGHT
        return kernel + ops.stop_gradient(ops.round(kernel / step) * step - kernel)


class RoundedActivation(layers.Layer):
    """Fake-quantises values to the 256 int8 levels of the range of the batch, extended to include 0."""

    def call(self, values: keras.KerasTensor) -> keras.KerasTensor:
        least, greatest = (ops.stop_gradient(edge) for edge in (ops.min(values), ops.max(values)))
        return tf.quantization.fake_quant_with_min_max_vars(values, ops.minimum(least, 0.0), ops.maximum(greatest, 0.0))
