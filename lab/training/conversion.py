"""Conversion of Keras graphs to .tflite files, with post-training quantisation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

Kind = Literal["float32", "float16", "dynamic", "int8"]


def convert(
    served: keras.Model, kind: Kind, representative: NDArray[np.float32] | None, file: Path, *, sparse: bool = False
) -> None:
    """Write the served graph into `file`, quantised after training.

    "float16" stores float16 weights and computes in float32. "dynamic" is dynamic-range quantisation: int8 weights,
    activation ranges measured at run time. "int8" calibrates the ranges on `representative` images (n, size, size, 3)
    in −1..1 and has int8 inputs and outputs, so no float32 operator remains. `sparse` stores mostly-zero kernels in a
    sparse format. Raises ValueError if int8 has no representative images.
    """
    converter = _converter(served)
    converter.optimizations = [] if kind == "float32" else [tf.lite.Optimize.DEFAULT]
    if sparse:
        converter.optimizations.append(tf.lite.Optimize.EXPERIMENTAL_SPARSITY)
    if kind == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if kind == "int8":
        if representative is None:
            raise ValueError("Ranges for int8 are measured on pictures: give representative ones.")
        converter.representative_dataset = lambda: _one_by_one(representative)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    file.write_bytes(converter.convert())


def _converter(served: keras.Model) -> tf.lite.TFLiteConverter:
    """Return a converter of the graph with its variables frozen to constants.

    from_keras_model(), which saves the model first, gives the same network and takes four times as long.
    """
    pixels = tf.TensorSpec((None, *served.input.shape[1:]), tf.float32, name="pixels")
    function = tf.function(lambda pixels: served(pixels, training=False), autograph=False)
    holder = tf.Module()
    # The traced function must be reachable from a tf.Module, or the file has no signature.
    holder.function = convert_variables_to_constants_v2(function.get_concrete_function(pixels))
    return tf.lite.TFLiteConverter.from_concrete_functions([holder.function], holder)


def _one_by_one(pictures: NDArray[np.float32]) -> Iterator[list[NDArray[np.float32]]]:
    for picture in pictures:
        yield [picture[None]]
