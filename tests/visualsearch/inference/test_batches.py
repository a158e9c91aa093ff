"""Photos go through the network some at a time: the last whole batch, and what is left over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from visualsearch.inference import litert
from visualsearch.inference.litert import LiteRTModel, Network


class Counted:
    """A network that sees nothing, and notes how many photos it was given at once."""

    def __init__(self) -> None:
        self.given: list[int] = []

    def run(self, pixels: Any, *, maps: bool) -> Any:
        self.given.append(len(pixels))
        # The first pixel of each tells the photos apart.
        return np.zeros((len(pixels), 1, 1, 1), np.float32), pixels[:, 0, 0, :1].astype(np.float32)


@pytest.mark.parametrize(
    ("photos", "given"), [(0, []), (1, [1]), (7, [7]), (8, [8]), (9, [8, 1]), (16, [8, 8]), (17, [8, 8, 1])]
)
def test_eight_photos_are_embedded_at_once(photos: int, given: list[int]) -> None:
    network = Counted()
    settings = SimpleNamespace(size=4, framing="pad")
    model = LiteRTModel(cast(Any, None), cast(Any, SimpleNamespace(settings=settings)), cast(Network, network))

    outputs = list(model.outputs([Image.new("RGB", (4, 4), (shade, 0, 0)) for shade in range(photos)]))

    assert litert.BATCH_PHOTOS == 8
    assert network.given == given
    assert [int(pooled[0]) for _, pooled in outputs] == list(range(photos))
