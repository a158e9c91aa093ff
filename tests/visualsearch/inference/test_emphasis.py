"""The effect of `emphasis` with the shipped model: garments of two cuts in two colours, and a query."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from django.conf import settings

from tests.visualsearch.garments import draw_lifelike
from visualsearch.inference.artefact import open_model
from visualsearch.inference.types import Inference, Model

Garment = tuple[str, str]

# Trousers and a dress of the demo, each in red and in green.
GALLERY: list[Garment] = list(product(("PA01-02", "DR01-01"), ("#b23230", "#2e5343")))


@pytest.fixture(scope="module")
def model() -> Model:
    return open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"], interpreters=1)


@pytest.fixture(scope="module")
def inferences(model: Model) -> dict[Garment, Inference]:
    return dict(zip(GALLERY, model.predict([draw_lifelike(*garment) for garment in GALLERY]), strict=True))


def _nearness(
    model: Model, inferences: dict[Garment, Inference], wanted: Garment, emphasis: float
) -> dict[Garment, float]:
    """Return how near each garment is to another photo of the wanted one, the nearest first."""
    join = model.descriptor.join
    asked = model.predict([draw_lifelike(*wanted, view=1)])[0]
    query = model.descriptor.query(asked.shape, asked.colour, studio=asked.studio, emphasis=emphasis)
    found = {
        garment: float(query @ join(inference.shape, inference.colour)) for garment, inference in inferences.items()
    }
    return dict(sorted(found.items(), key=lambda one: -one[1]))


@pytest.mark.parametrize("wanted", GALLERY)
def test_least_emphasis_ranks_by_cut_alone_and_most_by_colour_alone(
    model: Model, inferences: dict[Garment, Inference], wanted: Garment
) -> None:
    by_cut, by_colour = (list(_nearness(model, inferences, wanted, emphasis)) for emphasis in (-1.0, 1.0))

    assert [cut for cut, _ in by_cut[:2]] == [wanted[0]] * 2
    assert [colour for _, colour in by_colour[:2]] == [wanted[1]] * 2


@pytest.mark.parametrize("wanted", GALLERY)
def test_the_more_emphasis_the_nearer_comes_the_same_colour_against_the_same_cut(
    model: Model, inferences: dict[Garment, Inference], wanted: Garment
) -> None:
    same_cut, same_colour = (
        next(garment for garment in GALLERY if garment != wanted and garment[part] == wanted[part]) for part in (0, 1)
    )

    found = [_nearness(model, inferences, wanted, emphasis) for emphasis in np.linspace(-1, 1, 9)]

    lead = np.array([nearness[same_colour] - nearness[same_cut] for nearness in found])
    assert (np.diff(lead) > 0).all()
    assert lead[0] < 0 < lead[-1]
    # As photos are kept, with both, the wanted garment itself comes first.
    assert next(iter(found[4])) == wanted
