"""Inference with LiteRT (TensorFlow Lite): a pool of interpreters of one thread each."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from PIL import Image

from visualsearch.exceptions import ModelUnavailableError
from visualsearch.inference.descriptor import Descriptor
from visualsearch.inference.letterbox import frame
from visualsearch.inference.postprocess import postprocess
from visualsearch.inference.types import Card, Inference, Model

MODEL_FILE = "model.tflite"
# Photos of one call: beyond 8 the int8 network is no faster, and memory grows.
BATCH_PHOTOS = 8

Outputs = tuple[NDArray[np.float32], NDArray[np.float32]]


class Network:
    """A .tflite file with one picture input and two outputs: class map (n, h, w, labels), pooled features (n, d).

    An interpreter is not thread-safe, so concurrent calls use a pool of up to `interpreters`; a further call waits.
    Interpreters are created on first use, and again in a forked child. All share `content` in memory: if the file at
    `file` were mapped and then truncated, the process would be killed by SIGBUS.
    """

    def __init__(self, content: bytes, *, file: Path, interpreters: int) -> None:
        self._content = content
        self._file = file
        self._most = interpreters
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._process = os.getpid()
        self._idle: queue.LifoQueue[Interpreter] = queue.LifoQueue()
        self._made = 0

    @contextmanager
    def _interpreter(self) -> Iterator[Interpreter]:
        with self._lock:
            if self._process != os.getpid():
                self._start()
            make = self._idle.empty() and self._made < self._most
            self._made += make
        interpreter = self._open() if make else self._idle.get()
        try:
            yield interpreter
        finally:
            self._idle.put(interpreter)

    def _open(self) -> Interpreter:
        try:
            return Interpreter(model_content=self._content, num_threads=1)
        except (ValueError, RuntimeError, OSError) as error:
            with self._lock:
                self._made -= 1
            raise ModelUnavailableError("model.not_run", file=str(self._file), error=str(error)) from error

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        """Return (class maps, pooled features), float32, of framed photos (n, size, size, 3), uint8."""
        with self._interpreter() as interpreter:
            source = interpreter.get_input_details()[0]
            if tuple(source["shape"]) != pixels.shape:
                interpreter.resize_tensor_input(source["index"], pixels.shape)
            # Costs nothing if the shape did not change.
            interpreter.allocate_tensors()
            source = interpreter.get_input_details()[0]
            interpreter.set_tensor(source["index"], _quantised(pixels, source))
            interpreter.invoke()
            outputs = [
                _dequantised(interpreter.get_tensor(target["index"]), target)
                for target in interpreter.get_output_details()
            ]
        class_maps, pooled = sorted(outputs, key=np.ndim, reverse=True)
        return class_maps, pooled


def _quantised(pixels: NDArray[np.uint8], tensor: Mapping[str, Any]) -> NDArray[Any]:
    """Return the pixels scaled to −1 to 1 and quantised as the input tensor, by a lookup table of 256 values."""
    values = np.arange(256, dtype=np.float32) / 127.5 - 1.0
    if tensor["dtype"] != np.float32:
        scale, zero = tensor["quantization"]
        limits = np.iinfo(tensor["dtype"])
        values = np.clip(np.rint(values / scale + zero), limits.min, limits.max).astype(tensor["dtype"])
    return np.asarray(values[pixels])


def _dequantised(values: NDArray[Any], tensor: Mapping[str, Any]) -> NDArray[np.float32]:
    if tensor["dtype"] == np.float32:
        return np.asarray(values, np.float32)
    scale, zero = tensor["quantization"]
    return np.asarray((values.astype(np.float32) - zero) * scale, np.float32)


class LiteRTModel(Model):
    """A model whose network runs on LiteRT."""

    def __init__(self, card: Card, descriptor: Descriptor, network: Network, *, fallback: bool = False) -> None:
        super().__init__(card, descriptor, fallback=fallback)
        self._network = network

    def outputs(self, photos: Sequence[Image.Image]) -> Iterator[Outputs]:
        """Yield the network's (class map, pooled features) of each photo."""
        settings = self.descriptor.settings
        for start in range(0, len(photos), BATCH_PHOTOS):
            batch = photos[start : start + BATCH_PHOTOS]
            pixels = np.stack([frame(photo, settings.size, settings.framing) for photo in batch])
            yield from zip(*self._network.run(pixels), strict=True)

    def predict(self, photos: Sequence[Image.Image]) -> list[Inference]:
        return [
            postprocess(photo, outputs, self.card.labels, self.descriptor)
            for photo, outputs in zip(photos, self.outputs(photos), strict=True)
        ]
