"""How much a search may ask for, and how long what it says may be: each at its limit, and one past it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from catalogue.exceptions import ImageTooLargeError
from tests.visualsearch.stored import made_version, query_seeing
from visualsearch.admin import photos
from visualsearch.api.requests import (
    BatchBody,
    BatchOptions,
    QueryOptions,
    SimilarOptions,
    TokenOptions,
    check_length,
)
from visualsearch.inference.types import Prediction
from visualsearch.services import batches
from visualsearch.services.retrieval.options import MAX_OFFSET
from visualsearch.services.search.visitors import MAX_LENGTH, visitor_of
from visualsearch.web import results


def errors_of(serializer: Any) -> list[str]:
    serializer.is_valid()
    return list(serializer.errors)


URLS = ["https://example.com/a.jpg"]


@pytest.mark.parametrize(
    ("options", "field", "most", "over"),
    [
        (SimilarOptions, "limit", 100, 101),
        (QueryOptions, "limit", 1, 0),
        (BatchOptions, "limit", 20, 21),
        (TokenOptions, "offset", MAX_OFFSET, MAX_OFFSET + 1),
        (TokenOptions, "offset", 0, -1),
        (QueryOptions, "emphasis", 1, 1.001),
        (QueryOptions, "emphasis", -1, -1.001),
        (BatchBody, "urls", URLS * 1_000, URLS * 1_001),
        (BatchBody, "urls", URLS, []),
        (BatchBody, "urls", [URLS[0].ljust(2_000, "a")], [URLS[0].ljust(2_001, "a")]),
    ],
)
def test_an_option_is_taken_up_to_its_limit(options: Any, field: str, most: Any, over: Any) -> None:
    usual = {"token": "t"} if options is TokenOptions else {"urls": URLS} if options is BatchBody else {}

    assert (MAX_OFFSET, batches.MOST_PHOTOS) == (10_000, 1_000)
    assert errors_of(options(data={**usual, field: most})) == []
    assert errors_of(options(data={**usual, field: over})) == [field]


@pytest.mark.parametrize(
    ("content_type", "most"), [("multipart/form-data", 30_000 + 100_000), ("application/json", 40_000 + 100_000)]
)
def test_a_body_is_a_third_longer_as_base64_and_a_little_longer_than_its_photo(
    settings: Any, content_type: str, most: int
) -> None:
    settings.PHOTO_MAX_BYTES = 30_000

    def request(length: int) -> Request:
        return cast(Request, SimpleNamespace(META={"CONTENT_LENGTH": str(length)}, content_type=content_type))

    check_length(request(most))

    with pytest.raises(ImageTooLargeError):
        check_length(request(most + 1))


def test_a_visitor_is_told_by_the_first_64_characters() -> None:
    def visitor(said: str) -> str:
        return visitor_of(RequestFactory().get("/", headers={"X-Visitor": said}).META)

    longest = "v" * MAX_LENGTH

    assert MAX_LENGTH == 64
    assert visitor(longest + "more") == visitor(longest) != visitor(longest[:-1])
    assert visitor(longest[:-1] + "w") != visitor(longest)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("", 12), ("0", 12), ("1", 12), ("12", 12), ("13", 24), ("24", 24), ("95", 96), ("96", 96), ("97", 96),
        ("999", 96), ("1000", 12), ("-1", 12), ("²", 12), ("x", 12),
    ],
)  # fmt: skip
def test_what_was_scrolled_through_is_shown_again_in_whole_pages(sent: str, shown: int) -> None:
    assert (results.ARTICLES_A_PAGE, results.MOST_SHOWN) == (12, 96)
    assert results.shown_at_once(sent) == shown


@pytest.mark.parametrize(("probability", "suggested"), [(0.4999, False), (0.5, True), (0.9, True)])
def test_a_guess_is_worth_a_word_from_one_half_on(
    monkeypatch: pytest.MonkeyPatch, db: None, *, probability: float, suggested: bool
) -> None:
    asked: list[list[str]] = []

    def categories_of(labels: list[str]) -> dict[str, None]:
        asked.append(labels)
        return dict.fromkeys(labels)

    monkeypatch.setattr(photos, "categories_of", categories_of)
    photos.suggested(query_seeing(made_version(), Prediction("dress", "Dress", probability)))

    assert bool(asked) is suggested
