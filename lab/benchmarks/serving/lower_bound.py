"""The lower bound of a search by photo: its steps in sequence in one process, without server or database."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import pairwise

from catalogue.imaging import read_image
from catalogue.photos.validators import photo_limits
from visualsearch.index.base import VectorIndex
from visualsearch.inference.litert import LiteRTModel
from visualsearch.inference.postprocess import postprocess
from visualsearch.services.indexing.embedding import DECODE_SIZE

# Number of hits that the shop requests from its index for a page of twelve articles.
HITS = 52


@dataclass
class LowerBound:
    """Searches one photo at a time. `steps_ms` has the durations of each step in ms, one per photo."""

    model: LiteRTModel
    index: VectorIndex
    steps_ms: dict[str, list[float]] = field(default_factory=dict)

    def search(self, photo: bytes) -> float:
        """Search for a photo as the shop does, and return the duration in ms."""
        times = [time.perf_counter()]
        picture = read_image(photo, limits=photo_limits(), target=DECODE_SIZE)
        times.append(time.perf_counter())
        (outputs,) = self.model.outputs([picture])
        times.append(time.perf_counter())
        inference = postprocess(picture, outputs, self.model.card.labels, self.model.descriptor)
        vector = self.model.descriptor.query(inference.shape, inference.colour, studio=inference.studio)
        times.append(time.perf_counter())
        self.index.search(vector, limit=HITS)
        times.append(time.perf_counter())
        laps = [(after - before) * 1000 for before, after in pairwise(times)]
        for step, lap in zip(("decode", "invoke", "describe", "search"), laps, strict=True):
            self.steps_ms.setdefault(step, []).append(lap)
        return sum(laps)
