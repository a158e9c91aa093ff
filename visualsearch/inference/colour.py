"""The last fallback, without a network: embeds colour alone, in the vector space of its artefact."""

from __future__ import annotations

from collections.abc import Sequence

from PIL.Image import Image

from visualsearch.inference.postprocess import postprocess
from visualsearch.inference.types import Inference, Model


class ColourModel(Model):
    """Embeds colour alone: no predictions, a shape part of zeros, a foreground mask without the class map."""

    def predict(self, photos: Sequence[Image]) -> list[Inference]:
        return [postprocess(photo, None, (), self.descriptor) for photo in photos]
