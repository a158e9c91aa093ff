"""Fixtures of the API's tests."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.visualsearch.api.handing_in import partner_client


@pytest.fixture
def no_throttle(settings: Any, valkey: object) -> None:
    settings.RATE_LIMITS = {"predict": None}


@pytest.fixture
def partner() -> Client:
    return partner_client()
