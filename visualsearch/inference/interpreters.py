"""A pool of LiteRT interpreters of one .tflite file, of one thread each."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from visualsearch.exceptions import ModelUnavailableError


class Interpreters:
    """The interpreters of one file. One is not thread-safe, so concurrent calls use up to `most`; a further call waits.

    They are created on first use, and again in a forked child. All share `content` in memory: if the file at `file`
    were mapped and then truncated, the process would be killed by SIGBUS.
    """

    def __init__(self, content: bytes, *, file: Path, most: int) -> None:
        self._content = content
        self._file = file
        self._most = most
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._process = os.getpid()
        self._idle: queue.LifoQueue[Interpreter] = queue.LifoQueue()
        self._made = 0

    @contextmanager
    def borrow(self) -> Iterator[Interpreter]:
        """Lend an interpreter. Raises ModelUnavailableError if the file is no network that LiteRT can run."""
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


def dequantised(values: NDArray[Any], tensor: Mapping[str, Any]) -> NDArray[np.float32]:
    """Return a tensor's values as float32, by the scale in its details."""
    if tensor["dtype"] == np.float32:
        return np.asarray(values, np.float32)
    scale, zero = tensor["quantization"]
    # In place: maps of 170,000 values take a quarter of the time.
    restored = values.astype(np.float32)
    restored -= np.float32(zero)
    restored *= np.float32(scale)
    return restored
