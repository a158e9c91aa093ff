from __future__ import annotations

import pytest

from catalogue.imaging import fetching


@pytest.fixture(autouse=True)
def refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals wait for the next whole second, which here nobody has."""
    monkeypatch.setattr(fetching, "REFUSED_EVERY_S", 0.0)
