"""What the model recognises in photos, for suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL.Image import Image

from catalogue.models import Colour
from visualsearch.exceptions import ModelUnavailableError, SearchUnavailableError
from visualsearch.services import versions
from visualsearch.services.piles.proposals import colours_of


@dataclass(frozen=True, slots=True)
class Look:
    """What the model sees in one photo."""

    # The descriptor, as little-endian float32.
    vector: bytes
    # [label, probability], the five likeliest first.
    predictions: list[list[str | float]]
    # [id, share] of the shop's colours on the garment, the largest share first.
    colours: list[list[int | float]]


def look(pictures: Sequence[Image], palette: Sequence[Colour]) -> list[Look]:
    """Return what the serving version's model sees in each picture.

    Raises SearchUnavailableError while no model can look.
    """
    model = versions.get_model(versions.serving_version())
    try:
        inferences = model.predict(pictures)
    except ModelUnavailableError as error:
        raise SearchUnavailableError(error.message) from error
    return [
        Look(
            model.descriptor.balanced(inference.shape, inference.colour).astype("<f4").tobytes(),
            [[one.label, round(one.probability, 4)] for one in inference.predictions[:5]],
            colours_of(picture, inference, model, palette),
        )
        for picture, inference in zip(pictures, inferences, strict=True)
    ]
