"""Validation of query tokens: length, signature, age and format; what they keep, and how short they are."""

from __future__ import annotations

import base64
from datetime import timedelta

import numpy as np
import pytest
from django.core import signing

from catalogue.exceptions import InvalidRequestError
from tests.visualsearch.stored import made_version, query_seeing
from visualsearch.exceptions import InvalidTokenError, TokenOutdatedError
from visualsearch.inference.garments import MOST_GARMENTS
from visualsearch.inference.types import Prediction
from visualsearch.models import ModelVersion
from visualsearch.services.retrieval import tokens
from visualsearch.services.retrieval.garments import NO_PART, Garment, Part, pack, rounded, rounded_box, unpack
from visualsearch.services.retrieval.tokens import FORMAT, SALT, Query, read_token

pytestmark = pytest.mark.django_db

DRESS = Prediction("dress", "Dress", rounded(0.5))


@pytest.fixture
def version() -> ModelVersion:
    return made_version()


def garment_of(seed: int, *, shape: int = 256, coarse: int = 128, fine: int = 0) -> Garment:
    """Return a garment whose parts have so many numbers."""
    rng = np.random.default_rng(seed)
    made = [Part.of(rng.standard_normal(count, np.float32)) if count else NO_PART for count in (shape, coarse, fine)]
    predictions = tuple(
        Prediction(label, label.capitalize(), rounded(0.9 / 2**place))
        for place, label in enumerate(("dress", "shirt", "skirt", "pants", "outwear"))
    )
    box = rounded_box((0.1, 0.2, 0.3, 0.4 + seed / 100))
    return Garment((made[0], made[1], made[2]), predictions, box, studio=bool(seed % 2))


def signed(payload: bytes) -> str:
    return signing.TimestampSigner(salt=SALT).sign(base64.urlsafe_b64encode(payload).decode().rstrip("="))


def payload_of(version: ModelVersion) -> bytes:
    text = query_seeing(version, DRESS).token.split(":")[0]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_token_keeps_every_garment_of_a_photo(version: ModelVersion) -> None:
    garments = tuple(garment_of(seed) for seed in range(MOST_GARMENTS))

    again = read_token(Query(version, garments).token)

    assert (again.version, again.number, again.map) == (version, 1, None)
    for kept, made in zip(again.garments, garments, strict=True):
        assert (kept.predictions, kept.box, kept.studio) == (made.predictions, made.box, made.studio)
        for part, same in zip(kept.parts, made.parts, strict=True):
            assert (part.levels.tolist(), part.cosine) == (same.levels.tolist(), same.cosine)


def test_all_garments_of_a_photo_have_one_token(version: ModelVersion) -> None:
    query = Query(version, (garment_of(0), garment_of(1)))
    second = query.for_garment(2)

    assert (second.token, second.garment) == (query.token, query.garments[1])
    with pytest.raises(InvalidRequestError, match="fewer garments") as refused:
        query.for_garment(3)
    assert list(refused.value.errors) == ["garment"]


def test_a_token_is_short(version: ModelVersion) -> None:
    """In signs: a garment in a room has 384 numbers that count, of 4 bits."""
    lengths = [len(Query(version, tuple(garment_of(seed) for seed in range(count))).token) for count in (1, 2, 3)]

    assert lengths[0] < 450
    assert max(np.diff(lengths)) < 310


def test_a_token_is_as_long_as_it_may_be_and_no_longer(version: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    token = query_seeing(version, DRESS).token
    monkeypatch.setattr(tokens, "MAX_LENGTH", len(token))
    assert read_token(token).version == version

    monkeypatch.setattr(tokens, "MAX_LENGTH", len(token) - 1)

    with pytest.raises(InvalidTokenError, match="doesn’t lead to a search in this shop"):
        read_token(token)


def test_a_token_that_is_too_long_is_refused_before_its_signature_is_worked_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signing.TimestampSigner, "unsign", lambda *args, **kwargs: pytest.fail("it was read"))

    with pytest.raises(InvalidTokenError, match="doesn’t lead to a search in this shop"):
        read_token("x" * (tokens.MAX_LENGTH + 1))


def test_what_this_shop_makes_is_far_from_the_limit() -> None:
    """The longest: as many garments as there may be, of all parts, and five predictions of long names."""
    predictions = tuple(Prediction(f"{'label' * 10}{place}", "", 0.1234) for place in range(5))
    garments = [garment_of(seed, fine=128) for seed in range(MOST_GARMENTS)]
    made = Query(
        ModelVersion(name="n" * 100, version="v" * 40),
        tuple(Garment(one.parts, predictions, one.box) for one in garments),
    )

    assert len(made.token) < tokens.MAX_LENGTH / 2


def test_a_token_is_valid_for_thirty_days(version: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    token = query_seeing(version, DRESS).token
    assert timedelta(days=30) == tokens.VALID_FOR

    monkeypatch.setattr(tokens, "VALID_FOR", timedelta(seconds=-1))

    with pytest.raises(TokenOutdatedError, match="has expired"):
        read_token(token)


@pytest.mark.parametrize("said", [FORMAT - 1, FORMAT + 1, ord("{")])
def test_a_token_of_another_format_is_outdated(version: ModelVersion, said: int) -> None:
    payload = payload_of(version)
    assert read_token(signed(payload)).version == version

    with pytest.raises(TokenOutdatedError, match="has expired"):
        read_token(signed(bytes([said]) + payload[1:]))


def test_a_token_of_the_format_before_is_outdated() -> None:
    """It was JSON, under the same signature."""
    with pytest.raises(TokenOutdatedError, match="has expired"):
        read_token(signing.dumps({"v": 1, "m": ["made", "1"], "s": "AAAA", "c": "AAAA"}, salt=SALT))


def test_what_is_signed_and_cut_off_or_continued_is_refused(version: ModelVersion) -> None:
    payload = payload_of(version)

    for changed in (*(payload[:end] for end in range(1, len(payload))), payload + b"\0"):
        with pytest.raises(InvalidTokenError, match="doesn’t lead to a search in this shop"):
            read_token(signed(changed))


@pytest.mark.parametrize("said", ["é", "A", "====", "a:b:c", ""])
def test_what_is_no_token_is_refused(said: str) -> None:
    for token in (said, signing.TimestampSigner(salt=SALT).sign(said)):
        with pytest.raises((InvalidTokenError, TokenOutdatedError)):
            read_token(token)


def test_a_prediction_of_no_label_is_refused() -> None:
    packed = pack([Garment((NO_PART, NO_PART, NO_PART), (DRESS,), (0.0, 0.0, 1.0, 1.0))])
    place = packed.index(b"dress") + len(b"dress") + 1 + 2 + 8

    with pytest.raises(ValueError, match="no such label"):
        unpack(packed[:place] + bytes([1]) + packed[place + 1 :])


def test_a_token_without_garments_is_refused() -> None:
    with pytest.raises(ValueError, match="no garments"):
        unpack(pack([]))
