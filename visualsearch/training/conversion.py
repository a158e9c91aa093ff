"""From Keras to the .tflite files that LiteRT serves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


def to_float32(served: keras.Model, file: Path) -> None:
    """Write the served graph as it is, float32."""
    file.write_bytes(tf.lite.TFLiteConverter.from_keras_model(served).convert())


def to_int8(served: keras.Model, representative: NDArray[np.float32], file: Path) -> None:
    """Write the served graph with int8 weights and activations, calibrated on pictures (n, size, size, 3) in −1..1.

    Input and outputs are int8 too, so that no operator of float32 is left.
    """
    converter = tf.lite.TFLiteConverter.from_keras_model(served)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8

    def pictures() -> Iterator[list[NDArray[np.float32]]]:
        for picture in representative:
            yield [picture[None]]

    converter.representative_dataset = pictures
    file.write_bytes(converter.convert())
