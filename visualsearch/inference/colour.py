"""The model that is left when no network can be opened: colour alone, in the same space as its artefact's vectors."""

from __future__ import annotations

from collections.abc import Sequence

from PIL.Image import Image

from visualsearch.inference.postprocess import postprocess
from visualsearch.inference.types import Inference, Model


class ColourModel(Model):
    """Looks for colour alone: no predictions, a shape part of zeros, a mask without the class map."""

    def predict(self, photos: Sequence[Image]) -> list[Inference]:
        return [postprocess(photo, None, (), self.descriptor) for photo in photos]
