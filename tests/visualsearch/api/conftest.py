"""Fixtures of the API's tests."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def no_throttle(settings: Any, valkey: object) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"predict": None}}
