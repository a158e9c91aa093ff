"""Batches that make no sense, or are too large or too many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from catalogue.exceptions import InvalidRequestError
from catalogue.models import ApiClient
from tests.visualsearch.api.handing_in import hand_in, partner_client, waiting_files
from tests.visualsearch.api.sending import assert_problem
from visualsearch.models import PhotoBatch
from visualsearch.services import batches
from visualsearch.services.retrieval.options import SearchOptions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle"), pytest.mark.database]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "urls"),
        ({"urls": []}, "urls"),
        ({"urls": ["https://example.com/"] * 1_001}, "urls"),
        ({"urls": ["no address"]}, "urls"),
        ({"urls": ["ftp://example.com/a.jpg"]}, "urls"),
        ({"urls": ["\ud800"]}, "urls"),
        ({"urls": {"a": "b"}}, "urls"),
        ({"urls": ["https://example.com/"], "limit": 21}, "limit"),
        ({"urls": ["https://example.com/"], "category": "nowhere"}, "category"),
        ({"urls": ["https://example.com/"], "emphasis": 2}, "emphasis"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_at_once(partner: Client, body: Any, field: str) -> None:
    response = partner.post("/api/batches", body, content_type="application/json")

    problem = assert_problem(response, 400, "invalid")
    assert field in " ".join(problem["errors"])
    assert not PhotoBatch.objects.exists()


def test_a_form_without_files_is_refused(partner: Client) -> None:
    assert_problem(partner.post("/api/batches", {"limit": "3"}), 400, "invalid")
    assert_problem(partner.post("/api/batches", {"images": "text"}), 400, "invalid")


def test_a_photo_or_a_batch_with_too_many_bytes_is_refused(partner: Client, settings: Any) -> None:
    settings.PHOTO_MAX_BYTES = 100
    photo = hand_in(partner, [b"x" * 101])
    settings.BATCH_MAX_BYTES = -settings.DATA_UPLOAD_MAX_NUMBER_FILES * 1_000 + 100
    batch = hand_in(partner, [b"x" * 90] * 2)

    assert_problem(photo, 413, "image_too_large")
    assert_problem(batch, 413, "image_too_large")
    assert waiting_files() == []


def test_more_batches_at_once_than_allowed_are_refused(partner: Client) -> None:
    answers = [hand_in(partner, [b"x"]) for _ in range(batches.MOST_RUNNING + 1)]

    assert [answer.status_code for answer in answers] == [202] * batches.MOST_RUNNING + [400]


@pytest.mark.parametrize("path", ["/api/batches/none", "/api/batches/00000000-0000-0000-0000-000000000000"])
def test_a_batch_that_there_is_not_is_not_found(partner: Client, path: str) -> None:
    assert_problem(partner.get(path), 404, "not_found")


def test_a_batch_larger_than_the_quota_is_refused_for_good() -> None:
    problem = assert_problem(hand_in(partner_client(photos_a_day=2), [b"x"] * 3), 400, "invalid")

    assert "this app’s limit is 2 a day" in problem["errors"]["photos"][0]


def test_what_is_refused_takes_nothing_of_the_day() -> None:
    partner = partner_client(photos_a_day=batches.MOST_RUNNING + 1)

    answers = [hand_in(partner, [b"x"]).status_code for _ in range(batches.MOST_RUNNING + 2)]
    for batch in PhotoBatch.objects.all():
        batches.cancel(batch)

    assert answers == [202] * batches.MOST_RUNNING + [400, 400]
    assert [hand_in(partner, [b"x"]).status_code for _ in range(2)] == [202, 429]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_batches_handed_in_at_once_are_no_more_than_allowed() -> None:
    partner = ApiClient(name="FaissSearcher")
    partner.new_key()
    partner.save()

    def begin(_number: int) -> bool:
        try:
            batches.begin_batch(f"partner {partner.pk}", urls=["https://a.example/"], options=SearchOptions())
        except InvalidRequestError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(12) as beside:
        begun = list(beside.map(begin, range(12)))

    assert sum(begun) == PhotoBatch.objects.count() == batches.MOST_RUNNING
