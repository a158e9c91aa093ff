"""How often an address may search."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.visualsearch.api.sending import assert_problem, send
from tests.visualsearch.catalogue import shopper_photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle")]


def test_searches_beyond_the_rate_are_told_when_to_come_back(client: Client, settings: Any) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"predict": "2/min"}}
    content = shopper_photo("#b00020")

    statuses = [send(client, content).status_code for _ in range(2)]
    refused = send(client, content)

    assert statuses == [200, 200]
    assert_problem(refused, 429, "throttled")
    assert 1 <= int(refused["Retry-After"]) <= 60


def test_a_broker_that_is_down_lets_searches_through(client: Client, settings: Any, valkey: Any) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"predict": "2/min"}}
    valkey.stop()

    assert send(client, shopper_photo("#b00020")).status_code == 200
