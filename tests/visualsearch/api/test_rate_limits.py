"""How often an address, and a partner's app, may search."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalogue.exceptions import ImageTooLargeError
from catalogue.imaging import read_image
from catalogue.imaging.patience import current
from catalogue.models import ApiClient
from tests.visualsearch.api.handing_in import hand_in, partner_client, photo_file
from tests.visualsearch.api.sending import assert_problem, send, send_json
from tests.visualsearch.catalogue import found_article, query_for, shopper_photo
from visualsearch.services.search import fetched_photos

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle")]


def test_searches_beyond_the_rate_are_told_when_to_come_back(client: Client, settings: Any) -> None:
    settings.RATE_LIMITS = {"predict": "2/min"}
    content = shopper_photo("#b00020")

    statuses = [send(client, content).status_code for _ in range(2)]
    refused = send(client, content)

    assert statuses == [200, 200]
    assert_problem(refused, 429, "throttled")
    assert 1 <= int(refused["Retry-After"]) <= 60


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that are fetched; at each lies a photo."""
    urls: list[str] = []
    photo = shopper_photo("#b00020")

    def fetch(url: str, **_: Any) -> bytes:
        urls.append(url)
        return photo

    monkeypatch.setattr(fetched_photos, "fetch_image", fetch)
    return urls


def test_addresses_beyond_their_own_rate_are_not_fetched(client: Client, settings: Any, fetched: list[str]) -> None:
    settings.RATE_LIMITS = {"fetch": "2/min"}

    statuses = [send_json(client, url=f"https://example.com/{number}").status_code for number in range(2)]
    refused = send_json(client, url="https://example.com/2")

    assert statuses == [200, 200]
    assert_problem(refused, 429, "throttled")
    assert len(fetched) == 2
    # A photo that is sent is no fetch.
    assert send(client, shopper_photo("#b00020")).status_code == 200


def test_a_partner_may_have_as_many_addresses_fetched_a_minute_as_its_row_says(fetched: list[str]) -> None:
    partner = partner_client(fetches_a_minute=1)

    statuses = [
        partner.post("/api/predict", {"url": "https://example.com/a"}, content_type="application/json").status_code
        for _ in range(2)
    ]

    assert statuses == [200, 429]
    assert len(fetched) == 1


def test_a_search_that_finds_no_free_fetch_is_told_so_at_once_and_does_not_count(
    client: Client, settings: Any, fetched: list[str]
) -> None:
    settings.RATE_LIMITS = {"fetch": "1/min"}
    with fetched_photos._slots.slot("127.0.0.1"), fetched_photos._slots.slot("127.0.0.1"):
        busy = send_json(client, url="https://example.com/a")
    then = send_json(client, url="https://example.com/a")

    problem = assert_problem(busy, 503, "search_unavailable")
    assert "fetched" in problem["detail"]
    assert int(busy["Retry-After"]) > 0
    assert then.status_code == 200
    assert len(fetched) == 1


def test_a_broker_that_is_down_lets_searches_through(client: Client, settings: Any, valkey: Any) -> None:
    settings.RATE_LIMITS = {"predict": "2/min"}
    valkey.stop()

    assert send(client, shopper_photo("#b00020")).status_code == 200


def test_photos_of_batches_and_searches_count_as_the_partners_photos_of_the_day() -> None:
    partner = partner_client(photos_a_day=3)
    search_once = partner.post("/api/predict", {"image": photo_file(shopper_photo("#b00020"))})

    too_many, enough = hand_in(partner, [b"x"] * 3), hand_in(partner, [b"x"] * 2)
    one_more = partner.post("/api/predict", {"image": photo_file(shopper_photo("#b00020"))})

    assert search_once.status_code == 200
    problem = assert_problem(too_many, 429, "throttled")
    assert problem["detail"]
    assert int(too_many["Retry-After"]) > 80_000
    assert (enough.status_code, one_more.status_code) == (202, 429)


def test_a_partner_may_search_as_often_a_minute_as_its_row_says() -> None:
    partner, content = partner_client(searches_a_minute=2), shopper_photo("#b00020")

    statuses = [partner.post("/api/predict", {"image": photo_file(content)}).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_a_search_that_the_day_refuses_does_not_count_in_its_minute() -> None:
    partner, content = partner_client(searches_a_minute=2, photos_a_day=1), shopper_photo("#b00020")
    statuses = [partner.post("/api/predict", {"image": photo_file(content)}).status_code for _ in range(4)]
    ApiClient.objects.update(rates={"searches_a_minute": 2, "photos_a_day": 100})

    more = [partner.post("/api/predict", {"image": photo_file(content)}).status_code for _ in range(2)]

    assert statuses == [200, 429, 429, 429]
    assert more == [200, 429]


def test_a_partners_feedback_counts_as_its_own_not_as_its_servers_address(settings: Any) -> None:
    settings.RATE_LIMITS = {"feedback": "1/min", "feedback_bytes": "1/day"}
    found_article("#b00020")
    told = {"token": query_for("#b00020").token, "kind": "not_similar"}
    generous = partner_client()
    sparing = partner_client(feedback_a_minute=1)
    silent = partner_client(feedback_megabytes_a_day=0)

    statuses = [
        [partner.post("/api/feedback", told, content_type="application/json").status_code for _ in range(2)]
        for partner in (generous, sparing, silent)
    ]

    assert statuses == [[204, 204], [204, 429], [429, 429]]


def test_an_address_may_take_so_many_seconds_of_processor_time(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = {"predict_time": "2/min"}
    content = shopper_photo("#b00020")

    statuses = [send(client, content).status_code]
    charge(monkeypatch, 1.5)
    statuses += [send(client, content).status_code for _ in range(2)]
    refused = send(client, content)
    page = client.post("/search/", {"image": photo_file(content)})
    told = {"token": "any", "kind": "not_similar", "agreed": "true", "image": photo_file(content)}

    assert statuses == [200] * 3
    assert_problem(refused, 429, "throttled")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert page.status_code == 429
    assert client.post("/api/feedback", told).status_code == 429
    other = client.post("/api/predict", {"image": photo_file(content)}, REMOTE_ADDR="198.51.100.7")
    assert other.status_code == 200


def test_a_partner_may_take_so_many_seconds_a_minute_as_its_row_says(monkeypatch: pytest.MonkeyPatch) -> None:
    partner, content = partner_client(seconds_a_minute=1), shopper_photo("#b00020")
    charge(monkeypatch, 1.5)

    statuses = [partner.post("/api/predict", {"image": photo_file(content)}).status_code for _ in range(2)]

    assert statuses == [200, 429]


def test_a_photo_that_is_refused_costs_what_it_cost(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = {"predict_time": "1/min"}

    def fail(*args: object, **more: object) -> None:
        patience = current()
        assert patience is not None
        patience.spent_s += 1.5
        raise ImageTooLargeError("image.too_costly")

    monkeypatch.setattr("visualsearch.services.search.photos.read_image", fail)

    assert send(client, b"any").status_code == 413
    assert send(client, b"any").status_code == 429


def charge(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Have each photo cost so much more, in a process of its own."""

    def read(*args: Any, **more: Any) -> Any:
        patience = current()
        assert patience is not None
        patience.spent_s += seconds
        return read_image(*args, **more)

    monkeypatch.setattr("visualsearch.services.search.photos.read_image", read)
