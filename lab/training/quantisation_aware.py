"""Quantisation-aware training: fake quantisation in the forward pass, straight-through gradients in the backward pass.

Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference, 2018,
section 3; Krishnamoorthi, Quantizing deep convolutional networks for efficient inference, 2018, for weights by channel.
"""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import layers, ops

from lab.training.graph import CONVOLUTIONS

LARGEST_WEIGHT = 127
ACTIVATIONS = (layers.ReLU, layers.Activation)
# What puts out numbers that were not there before. Padding and dropout pass on what is rounded already.
CALCULATING = (
    *CONVOLUTIONS,
    *ACTIVATIONS,
    layers.Add,
    layers.Multiply,
    layers.Concatenate,
    layers.GlobalAveragePooling2D,
)


def quantisation_aware(served: keras.Model) -> keras.Model:
    """Return a network with the weights of `served`, its very variables, that rounds as its int8 file would.

    Training it trains `served`, which is then converted to int8; it takes the place of `served` while training. Layers
    keep their names. Weights are symmetric by output channel. Activations have one range a tensor, that of the batch:
    the converter too measures them on a set of pictures, and there is nothing to remember between steps. The picture
    itself, of bytes, loses nothing. Raises ValueError if a layer other than a convolution has weights.

    The file rounds a little more: to what only an Add takes, TensorFlow 2.21 gives the range of the sum, which its
    calibration finds in the same memory (tensorflow/tensorflow#127842).
    """
    activated = {layer.input.name for layer in served.layers if isinstance(layer, ACTIVATIONS)}
    # A convolution and its activation are one operator, with one output.
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
    """Does what `convolution` does, with its weights rounded to the 255 steps that int8 gives each output channel."""

    def __init__(self, convolution: layers.Layer) -> None:
        super().__init__(name=convolution.name)
        self.convolution = convolution
        # A depthwise kernel is (h, w, channels, 1), an ordinary one (h, w, inputs, channels).
        self._axes = (0, 1) if isinstance(convolution, layers.DepthwiseConv2D) else (0, 1, 2)

    def call(self, values: keras.KerasTensor) -> keras.KerasTensor:
        with keras.StatelessScope([(self.convolution.kernel, self.rounded_kernel())]):
            return self.convolution(values)

    def rounded_kernel(self) -> keras.KerasTensor:
        """Return the kernel as int8 keeps it, in float32."""
        kernel = self.convolution.kernel.value
        largest = ops.max(ops.abs(kernel), axis=self._axes, keepdims=True)
        step = ops.maximum(largest, keras.config.epsilon()) / LARGEST_WEIGHT
        return kernel + ops.stop_gradient(ops.round(kernel / step) * step - kernel)


class RoundedActivation(layers.Layer):
    """Rounds values to the 256 steps that int8 gives what lies between their least, their greatest and zero."""

    def call(self, values: keras.KerasTensor) -> keras.KerasTensor:
        least, greatest = (ops.stop_gradient(edge) for edge in (ops.min(values), ops.max(values)))
        return tf.quantization.fake_quant_with_min_max_vars(values, ops.minimum(least, 0.0), ops.maximum(greatest, 0.0))
