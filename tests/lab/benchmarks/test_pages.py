"""`benchmark pages`: it fills shops, keeps them if asked to, and prints what each kind of page takes in them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lab.benchmarks.pages import table


def test_it_prints_each_kind_of_page_and_uses_a_kept_shop_again(tmp_path: Path) -> None:
    printed = []
    for _ in range(2):
        out = StringIO()
        call_command("benchmark", "pages", "--articles", "60", "--keep", str(tmp_path), stdout=out)
        printed.append(out.getvalue())
        file = tmp_path / "60" / "shop.sqlite3"
        made = file.stat().st_ino

    for kind in ("home", "category", "text search", "sitemap, articles", "API, facets", "suggestions"):
        assert all(any(line.startswith(f"{kind} ") for line in text.splitlines()) for text in printed), kind
    assert file.stat().st_ino == made


def test_growth_is_that_of_the_two_largest_shops() -> None:
    text = table({1_000: {"home": [10.0, 3]}, 100_000: {"home": [30.0, 3]}, 10_000: {"home": [12.0, 3]}})

    assert text.splitlines()[-1].split() == ["home", "10.0", "3", "12.0", "3", "30.0", "3", "2.5"]


def test_a_shop_on_postgresql_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("benchmark", "pages", "--postgresql", "--keep", str(tmp_path))
