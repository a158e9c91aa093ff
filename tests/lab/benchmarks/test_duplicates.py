"""What is taken for a duplicate, among a few drawn photos."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.visualsearch.garments import draw_lifelike

pytestmark = pytest.mark.django_db


def test_a_photo_saved_anew_is_one_and_another_garment_is_none(tmp_path: Path) -> None:
    for sku, colour in (("TS01-04", "#8a1c2c"), ("HA03-02", "#333333"), ("DR01-03", "#2244aa")):
        draw_lifelike(sku, colour).save(tmp_path / f"{sku}.png")
    out = io.StringIO()

    call_command("benchmark", "duplicates", str(tmp_path), stdout=out)

    lines = {line[:24].strip(): line.split() for line in out.getvalue().splitlines()}
    assert lines["saved as JPEG at 60"][-4:] == ["100.0%"] * 4
    assert lines["pairs of others"][-4:] == ["0"] * 4
    assert "3 photos" in out.getvalue()


def test_a_folder_without_photos_says_so(tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("benchmark", "duplicates", str(tmp_path), stdout=out)
    assert out.getvalue().startswith("No photo in")
