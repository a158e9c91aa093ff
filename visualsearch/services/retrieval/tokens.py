"""A query as a token: what was seen in a shopper's photo, without the photo. Signed, URL-safe, stored nowhere."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.core import signing
from numpy.typing import NDArray

from visualsearch.exceptions import InvalidTokenError, TokenOutdatedError
from visualsearch.inference.types import Box, Prediction
from visualsearch.models import ModelVersion
from visualsearch.services import versions
from visualsearch.vectors import Vectors, from_int8

FORMAT = 1
SALT = "visualsearch.query"
MAX_LENGTH = 8_192
PREDICTIONS_KEPT = 5


@dataclass(frozen=True)
class Query:
    """What a search needs of a photo: its unweighted parts as whole numbers, the best predictions and the box.

    `map`, shape (h, w), 0 to 1, is where the model looked; a token does not carry it.
    """

    version: ModelVersion
    shape: NDArray[np.int8]
    colour: NDArray[np.int8]
    predictions: tuple[Prediction, ...]
    box: Box
    map: NDArray[np.float32] | None = None

    @property
    def label(self) -> str:
        """What the photo shows most likely, as the model's labels are; empty where it tells none apart."""
        return self.predictions[0].label if self.predictions else ""

    @property
    def parts(self) -> tuple[Vectors, Vectors]:
        """The shape and the colour part, unit vectors (or zeros), as every search of this query uses them."""
        return from_int8(self.shape), from_int8(self.colour)

    def rounded_map(self) -> list[list[float]]:
        """Return the map as rows of numbers, to be written as JSON; none where there is no map."""
        return [] if self.map is None else [[round(float(cell), 3) for cell in row] for row in self.map]

    @cached_property
    def token(self) -> str:
        return signing.dumps(
            {
                "v": FORMAT,
                "m": [self.version.name, self.version.version],
                "s": base64.b64encode(self.shape.tobytes()).decode(),
                "c": base64.b64encode(self.colour.tobytes()).decode(),
                "p": [[one.label, one.name, round(one.probability, 4)] for one in self.predictions],
                "b": [round(side, 4) for side in self.box],
            },
            salt=SALT,
        )


def read_token(token: str) -> Query:
    """Return the query that a token carries.

    Raises InvalidTokenError unless the token was signed here, TokenOutdatedError if its model version is retired.
    """
    if len(token) > MAX_LENGTH:
        raise InvalidTokenError("token.invalid")
    try:
        said = signing.loads(token, salt=SALT)
    except (signing.BadSignature, UnicodeError, ValueError) as error:
        raise InvalidTokenError("token.invalid") from error
    if said.get("v") != FORMAT:
        raise TokenOutdatedError("token.expired")
    try:
        return Query(
            version=versions.named_version(*said["m"]),
            shape=np.frombuffer(base64.b64decode(said["s"]), np.int8),
            colour=np.frombuffer(base64.b64decode(said["c"]), np.int8),
            predictions=tuple(Prediction(*one) for one in said["p"]),
            box=tuple(said["b"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidTokenError("token.invalid") from error
