"""Dynamic batching of concurrent requests: an experiment that `benchmark search` measures.

There is no batching delay: while one call uses the network, further ones queue, and the next call runs as many of them
as possible as one batch.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visualsearch.inference import artefact
from visualsearch.inference.litert import Network, Outputs

# Batch sizes, an interpreter for each: resizing one re-plans its memory, which takes as long as a photo.
SIZES = (8, 4, 2, 1)


@dataclass(eq=False)
class _Call:
    pixels: NDArray[np.uint8]
    outputs: Outputs | None = None
    error: Exception | None = None

    @property
    def done(self) -> bool:
        return self.outputs is not None or self.error is not None


class GatheringNetwork(Network):
    """A network that one thread at a time runs, on a batch of queued calls."""

    def __init__(self, content: bytes, *, file: Path, interpreters: int) -> None:
        super().__init__(content, file=file, interpreters=1)
        self._networks = {size: Network(content, file=file, interpreters=1) for size in SIZES}
        self._free = threading.Condition()
        self._taken = False
        self._waiting: list[_Call] = []

    def run(self, pixels: NDArray[np.uint8], *, maps: bool = True) -> Outputs:
        if len(pixels) > 1:
            return super().run(pixels, maps=maps)
        mine = _Call(pixels)
        with self._free:
            self._waiting.append(mine)
        while not mine.done:
            if batch := self._next_batch(mine):
                self._run(batch)
        if mine.error is not None:
            raise mine.error
        assert mine.outputs is not None  # noqa: S101  (done, and without an error)
        return mine.outputs

    def _next_batch(self, mine: _Call) -> list[_Call]:
        """Wait, then return the batch that the caller must run; empty once its own call is done."""
        with self._free:
            self._free.wait_for(lambda: mine.done or not self._taken)
            if mine.done:
                return []
            self._taken = True
            size = next(size for size in SIZES if size <= len(self._waiting))
            batch, self._waiting = self._waiting[:size], self._waiting[size:]
            return batch

    def _run(self, batch: list[_Call]) -> None:
        try:
            outputs = self._networks[len(batch)].run(np.concatenate([call.pixels for call in batch]))
            for place, call in enumerate(batch):
                call.outputs = tuple(output[place : place + 1] for output in outputs)
        except Exception as error:  # noqa: BLE001  (raised again by each whose call it was)
            for call in batch:
                call.error = error
        finally:
            with self._free:
                self._taken = False
                self._free.notify_all()


# Patches Network in the processes of this server only.
vars(artefact)["Network"] = GatheringNetwork
application = import_module("shop.wsgi").application
