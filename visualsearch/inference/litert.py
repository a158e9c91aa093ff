"""Inference with LiteRT (TensorFlow Lite): the network, and the head that detects garments on its feature maps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from visualsearch.inference.descriptor import Descriptor
from visualsearch.inference.garments import GarmentHead
from visualsearch.inference.interpreters import Interpreters, dequantised
from visualsearch.inference.letterbox import frame
from visualsearch.inference.lighting import in_light
from visualsearch.inference.postprocess import garments_of, parts_of, postprocess
from visualsearch.inference.turning import predict_turned
from visualsearch.inference.types import Card, Inference, Model
from visualsearch.vectors import Vectors

MODEL_FILE = "model.tflite"
# Photos of one call: beyond 8 the int8 network is no faster, and memory grows.
BATCH_PHOTOS = 8


# Of one photo or of several: class map (…, h, w, labels), pooled features (…, d), then the feature maps that both are
# made of, the middle one and the last one, (…, h, w, channels): networks without a garment head have no such outputs.
Outputs = tuple[NDArray[np.float32], ...]


class Network:
    """A .tflite file with one picture input, whose outputs are Outputs."""

    def __init__(self, content: bytes, *, file: Path, interpreters: int) -> None:
        self._interpreters = Interpreters(content, file=file, most=interpreters)

    def run(self, pixels: NDArray[np.uint8], *, maps: bool = True) -> Outputs:
        """Return the outputs, float32, of framed photos (n, size, size, 3), uint8; feature maps only with `maps`."""
        with self._interpreters.borrow() as interpreter:
            source = interpreter.get_input_details()[0]
            if tuple(source["shape"]) != pixels.shape:
                interpreter.resize_tensor_input(source["index"], pixels.shape)
            # Costs nothing if the shape did not change.
            interpreter.allocate_tensors()
            source = interpreter.get_input_details()[0]
            interpreter.set_tensor(source["index"], _quantised(pixels, source))
            interpreter.invoke()
            # A class map has a channel a label, feature maps have hundreds.
            pooled, class_maps, *others = sorted(
                interpreter.get_output_details(), key=lambda target: (len(target["shape"]), target["shape"][-1])
            )
            return tuple(
                dequantised(interpreter.get_tensor(target["index"]), target)
                for target in (class_maps, pooled, *(others if maps else ()))
            )


def _quantised(pixels: NDArray[np.uint8], tensor: Mapping[str, Any]) -> NDArray[Any]:
    """Return the pixels scaled to −1 to 1 and quantised as the input tensor, by a lookup table of 256 values."""
    values = np.arange(256, dtype=np.float32) / 127.5 - 1.0
    if tensor["dtype"] != np.float32:
        scale, zero = tensor["quantization"]
        limits = np.iinfo(tensor["dtype"])
        values = np.clip(np.rint(values / scale + zero), limits.min, limits.max).astype(tensor["dtype"])
    return np.asarray(values[pixels])


class LiteRTModel(Model):
    """A model whose network runs on LiteRT."""

    def __init__(
        self,
        card: Card,
        descriptor: Descriptor,
        network: Network,
        head: GarmentHead | None = None,
        *,
        fallback: bool = False,
    ) -> None:
        super().__init__(card, descriptor, fallback=fallback)
        self._network = network
        self._head = head

    def outputs(self, photos: Sequence[Image.Image], *, maps: bool = True) -> Iterator[Outputs]:
        """Yield the network's outputs of each photo; feature maps only with `maps`."""
        settings = self.descriptor.settings
        for start in range(0, len(photos), BATCH_PHOTOS):
            batch = photos[start : start + BATCH_PHOTOS]
            pixels = np.stack([frame(photo, settings.size, settings.framing) for photo in batch])
            yield from zip(*self._network.run(pixels, maps=maps), strict=True)

    def predict(self, photos: Sequence[Image.Image]) -> list[Inference]:
        return [
            postprocess(photo, outputs, self.card.labels, self.descriptor)
            for photo, outputs in zip(photos, self.outputs(photos, maps=False), strict=True)
        ]

    def parts_of(self, photos: Sequence[Image.Image]) -> tuple[Vectors, Vectors]:
        return parts_of(photos, self.outputs(photos, maps=False), self.descriptor)

    def predict_garments(self, photos: Sequence[Image.Image]) -> list[list[Inference]]:
        lit = [in_light(photo) for photo in photos]
        return [
            predict_turned(photo, garments, lambda turned: self._garments([turned])[0])
            for photo, garments in zip(lit, self._garments(lit), strict=True)
        ]

    def _garments(self, photos: Sequence[Image.Image]) -> list[list[Inference]]:
        """Return the garments of each photo as it is, best first; the whole photo if there are none, or no head."""
        if self._head is None:
            return super().predict_garments(photos)
        return [
            garments_of(photo, outputs, self._head.detect(*outputs[2:]), self.card.labels, self.descriptor)
            for photo, outputs in zip(photos, self.outputs(photos), strict=True)
        ]
