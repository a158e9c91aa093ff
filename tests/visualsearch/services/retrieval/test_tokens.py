"""Validation of query tokens: length, signature and format."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.core import signing

from visualsearch.exceptions import InvalidTokenError, TokenOutdatedError
from visualsearch.inference.types import Prediction
from visualsearch.models import ModelVersion
from visualsearch.services.retrieval import tokens
from visualsearch.services.retrieval.tokens import FORMAT, SALT, Query, read_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> ModelVersion:
    return ModelVersion.objects.create(name="made", version="1", dimensions=8, state=ModelVersion.State.SERVING)


def query_of(version: ModelVersion, *, label: str = "dress", **fields: Any) -> Query:
    numbers = np.arange(-4, 4, dtype=np.int8)
    return Query(
        version=version,
        shape=numbers,
        colour=numbers,
        predictions=(Prediction(label, "Dress", 0.5),),
        box=(0.0, 0.0, 1.0, 1.0),
        **fields,
    )


def signed(said: Any) -> str:
    return signing.dumps(said, salt=SALT)


def payload_of(version: ModelVersion, **changed: Any) -> dict[str, Any]:
    usual = {"v": FORMAT, "m": [version.name, version.version], "s": "AAAA", "c": "AAAA", "p": [], "b": [0, 0, 1, 1]}
    return {**usual, **changed}


def test_a_token_is_as_long_as_it_may_be_and_no_longer(version: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    token = query_of(version).token
    monkeypatch.setattr(tokens, "MAX_LENGTH", len(token))
    assert read_token(token).version == version

    monkeypatch.setattr(tokens, "MAX_LENGTH", len(token) - 1)

    with pytest.raises(InvalidTokenError, match="not a search of this shop"):
        read_token(token)


def test_a_token_that_is_too_long_is_refused_before_its_signature_is_worked_out(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "loads", lambda *args, **kwargs: pytest.fail("it was read"))

    with pytest.raises(InvalidTokenError, match="not a search of this shop"):
        read_token("x" * (tokens.MAX_LENGTH + 1))


def test_what_this_shop_makes_is_far_from_the_limit() -> None:
    """The longest: vectors of 384 numbers, and five predictions of long names."""
    made = Query(
        version=ModelVersion(name="n" * 100, version="v" * 40),
        shape=np.full(384, -127, np.int8),
        colour=np.full(384, -127, np.int8),
        predictions=tuple(Prediction("label" * 10, "name" * 10, 0.1234) for _ in range(tokens.PREDICTIONS_KEPT)),
        box=(0.1234, 0.1234, 0.1234, 0.1234),
    )

    assert len(made.token) < tokens.MAX_LENGTH / 2


@pytest.mark.parametrize("said", [FORMAT - 1, FORMAT + 1, None, "1"])
def test_a_token_of_another_format_is_outdated(version: ModelVersion, said: object) -> None:
    assert read_token(signed(payload_of(version))).version == version

    with pytest.raises(TokenOutdatedError, match="has expired"):
        read_token(signed(payload_of(version, v=said)))


def test_a_token_without_a_format_is_outdated(version: ModelVersion) -> None:
    said = payload_of(version)
    del said["v"]

    with pytest.raises(TokenOutdatedError, match="has expired"):
        read_token(signed(said))


@pytest.mark.parametrize(
    "changed",
    [
        {"m": None},
        {"m": ["made"]},
        {"m": ["made", "1", "2"]},
        {"s": "é"},
        {"s": 5},
        {"s": "AAA"},
        {"c": None},
        {"p": 5},
        {"p": [["dress", "Dress"]]},
        {"b": None},
    ],
)
def test_what_is_signed_and_no_search_is_refused(version: ModelVersion, changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidTokenError, match="not a search of this shop"):
        read_token(signed(payload_of(version, **changed)))
