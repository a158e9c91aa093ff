"""Invariance to EXIF orientation: the vector is that of the upright picture."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from django.conf import settings
from PIL import Image, ImageOps

from catalogue.imaging import read_image
from tests.catalogue.imaging.pictures import HEIC_TURNED, encode, exif_of, store_turned
from tests.visualsearch.garments import draw_lifelike
from visualsearch.inference.artefact import open_model
from visualsearch.inference.types import Model
from visualsearch.services.indexing.embedding import DECODE_SIZE

# The int8 network answers to the noise that JPEG adds to a picture turned before it is encoded (docs/security.md).
SAME, NEARLY = 0.999, 0.99


@pytest.fixture(scope="module", params=["FALLBACK", "NAME"], ids=["float32", "int8"])
def model(request: pytest.FixtureRequest) -> Model:
    return open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL[request.param])


def cosine(model: Model, first: Image.Image, second: Image.Image) -> float:
    one, other = model.embed([first, second])
    return float(one @ other)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_gives_the_upright_vector(model: Model, name: str, orientation: int) -> None:
    upright = draw_lifelike("DR01-01", "#b23230").crop((0, 0, 240, 288)).resize((960, 1_152), Image.Resampling.LANCZOS)
    options = {"quality": 95} if name == "JPEG" else {"lossless": True}

    turned = encode(store_turned(upright, orientation), name, exif=exif_of(orientation), **options)
    as_it_was = encode(upright, name, **options)

    by_hand = ImageOps.exif_transpose(Image.open(io.BytesIO(turned)).convert("RGB"))
    assert cosine(model, read_image(turned), by_hand) >= SAME
    quantised = "int8" in model.card.name and name == "JPEG"
    assert cosine(model, read_image(turned), read_image(as_it_was)) >= (NEARLY if quantised else SAME)


@pytest.mark.parametrize("side", [1_024, 2_048])
def test_a_photo_that_is_reduced_while_it_is_decoded_is_described_like_the_whole(model: Model, side: int) -> None:
    whole = draw_lifelike("DR01-01", "#b23230").resize((side * 3 // 4, side), Image.Resampling.LANCZOS)
    photo = encode(whole, "JPEG", quality=90)

    reduced = read_image(photo, target=DECODE_SIZE)

    assert min(reduced.size) == 384
    assert cosine(model, reduced, read_image(photo)) >= NEARLY


def heic_with(*transformations: tuple[bytes, int]) -> bytes:
    """Return the HEIC file with other transformations in the place of its own: a turn, a mirror, or one after another.

    The second one takes the place of what says how many bits a sample has, which no reader needs; what is left of that
    box is padding.
    """
    file = bytearray(HEIC_TURNED)
    for (box, value), place in zip(transformations, (b"irot", b"pixi"), strict=False):
        at = file.index(place)
        file[at : at + 5] = box + bytes([value])
    if len(transformations) == 2:
        # The properties of the picture, in the order in which they are applied: the fifth now after the others.
        order = file.index(bytes([0x81, 2, 3, 5, 0x84, 0x86]))
        file[order : order + 6] = bytes([0x81, 2, 3, 0x84, 0x86, 0x85])
    return bytes(file)


# ISO/IEC 23008-12: quarter turns anticlockwise, and mirrors about the vertical or horizontal axis.
TURNS: dict[tuple[bytes, int], Callable[[Image.Image], Image.Image]] = {
    (b"irot", 0): lambda picture: picture,
    (b"irot", 1): lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
    (b"irot", 2): lambda picture: picture.transpose(Image.Transpose.ROTATE_180),
    (b"irot", 3): lambda picture: picture.transpose(Image.Transpose.ROTATE_270),
    (b"imir", 0): ImageOps.flip,
    (b"imir", 1): ImageOps.mirror,
}


@pytest.mark.parametrize(
    "transformations",
    [
        *[(turn,) for turn in TURNS],
        # Along one diagonal, and along the other.
        ((b"irot", 1), (b"imir", 0)),
        ((b"irot", 1), (b"imir", 1)),
    ],
)
def test_a_heic_is_rotated_once(model: Model, transformations: tuple[tuple[bytes, int], ...]) -> None:
    expected = read_image(heic_with((b"irot", 0)))
    for transformation in transformations:
        expected = TURNS[transformation](expected)

    picture = read_image(heic_with(*transformations))

    assert picture.size == expected.size
    assert np.abs(np.asarray(picture, int) - np.asarray(expected, int)).mean() < 2
    assert cosine(model, picture, expected) >= SAME
