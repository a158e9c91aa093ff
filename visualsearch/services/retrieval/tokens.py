"""Query tokens: a shopper's photo reduced to its embedding and predictions. Signed, URL-safe, stored nowhere."""

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
    """What a search needs of a photo: the unweighted parts of its embedding as int8, the best predictions, the box.

    `studio` is whether something stands before a white background: other parts count then. `map`, shape (h, w), 0 to 1,
    localises the garment; a token does not contain it.
    """

    version: ModelVersion
    shape: NDArray[np.int8]
    colour: NDArray[np.int8]
    predictions: tuple[Prediction, ...]
    box: Box
    studio: bool = False
    map: NDArray[np.float32] | None = None

    @property
    def label(self) -> str:
        """The most probable label of the photo; empty if the model predicts none."""
        return self.predictions[0].label if self.predictions else ""

    @property
    def parts(self) -> tuple[Vectors, Vectors]:
        """The shape and the colour part as float32, dequantised, of length 1 or 0: that of all colours together."""
        return from_int8(self.shape), from_int8(self.colour)

    def rounded_map(self) -> list[list[float]]:
        """Return the map as rows of rounded numbers, for JSON; empty without a map."""
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
                "w": int(self.studio),
            },
            salt=SALT,
        )


def read_token(token: str) -> Query:
    """Return the query of a token.

    Raises InvalidTokenError unless this shop signed the token, TokenOutdatedError if its model version is retired.
    """
    if len(token) > MAX_LENGTH:
        raise InvalidTokenError("token.invalid")
    try:
        payload = signing.loads(token, salt=SALT)
    except (signing.BadSignature, UnicodeError, ValueError) as error:
        raise InvalidTokenError("token.invalid") from error
    if payload.get("v") != FORMAT:
        raise TokenOutdatedError("token.expired")
    try:
        return Query(
            version=versions.named_version(*payload["m"]),
            shape=np.frombuffer(base64.b64decode(payload["s"]), np.int8),
            colour=np.frombuffer(base64.b64decode(payload["c"]), np.int8),
            predictions=tuple(Prediction(*one) for one in payload["p"]),
            box=tuple(payload["b"]),
            # Tokens of before have none.
            studio=bool(payload.get("w")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidTokenError("token.invalid") from error
