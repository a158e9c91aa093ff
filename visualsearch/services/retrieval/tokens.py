"""Query tokens: a shopper's photo reduced to what describes its garments. Signed, URL-safe, stored nowhere."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

import numpy as np
from django.core import signing
from numpy.typing import NDArray

from catalogue.exceptions import InvalidRequestError
from catalogue.messages import Message
from visualsearch.exceptions import InvalidTokenError, TokenOutdatedError
from visualsearch.inference.types import Box, Prediction
from visualsearch.models import ModelVersion
from visualsearch.services import versions
from visualsearch.services.retrieval.garments import Garment, pack, unpack

# The first byte of a token. A token of another format has expired: those of 1 were JSON.
FORMAT = 2
SALT = "visualsearch.query"
MAX_LENGTH = 8_192
VALID_FOR = timedelta(days=30)
# Between the texts and the numbers of a token.
_END_OF_TEXT = b"\0"


@dataclass(frozen=True)
class Query:
    """What a search needs of a photo: its garments, best first, one at least, of which `number` (from 1) is searched.

    `map`, shape (h, w), 0 to 1, localises the first garment; a token does not contain it.
    """

    version: ModelVersion
    garments: tuple[Garment, ...]
    number: int = 1
    map: NDArray[np.float32] | None = None

    @property
    def garment(self) -> Garment:
        """The garment that is searched for."""
        return self.garments[self.number - 1]

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """The best predictions of the garment, best first."""
        return self.garment.predictions

    @property
    def box(self) -> Box:
        """Where the garment is in the photo."""
        return self.garment.box

    @property
    def label(self) -> str:
        """The most probable label of the garment; empty if the model predicts none."""
        return self.predictions[0].label if self.predictions else ""

    def for_garment(self, number: int) -> Query:
        """Return the query for another garment of the photo. Raises InvalidRequestError if it has fewer."""
        if number > len(self.garments):
            raise InvalidRequestError({"garment": [Message.of("request.no_such_garment", count=len(self.garments))]})
        return replace(self, number=number)

    def rounded_map(self) -> list[list[float]]:
        """Return the map as rows of rounded numbers, for JSON; empty without a map."""
        return [] if self.map is None else [[round(float(cell), 3) for cell in row] for row in self.map]

    @cached_property
    def token(self) -> str:
        """The token, of all garments, whichever is searched for."""
        texts = b"".join(text.encode() + _END_OF_TEXT for text in (self.version.name, self.version.version))
        payload = bytes([FORMAT]) + texts + pack(self.garments)
        return _signer().sign(base64.urlsafe_b64encode(payload).decode().rstrip("="))


def read_token(token: str) -> Query:
    """Return the query of a token, for its first garment.

    Raises InvalidTokenError unless this shop signed the token, TokenOutdatedError if it is older than VALID_FOR or its
    model version is retired.
    """
    if len(token) > MAX_LENGTH:
        raise InvalidTokenError("token.invalid")
    try:
        signed = _signer().unsign(token, max_age=VALID_FOR)
    except signing.SignatureExpired as error:
        raise TokenOutdatedError("token.expired") from error
    except (signing.BadSignature, UnicodeError, ValueError) as error:
        raise InvalidTokenError("token.invalid") from error
    try:
        payload = base64.urlsafe_b64decode(signed + "=" * (-len(signed) % 4))
        if payload[:1] != bytes([FORMAT]):
            raise TokenOutdatedError("token.expired")
        name, version, packed = payload[1:].split(_END_OF_TEXT, 2)
        garments = unpack(packed)
        return Query(version=versions.named_version(name.decode(), version.decode()), garments=garments)
    except ValueError as error:
        raise InvalidTokenError("token.invalid") from error


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=SALT)
