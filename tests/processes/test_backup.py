"""A shop that is saved while it runs, lost, and brought back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.harness import trial_shop
from tests.processes.shop import Shop
from tests.visualsearch.catalogue import shopper_photo

RED, BLUE = "#b00020", "#1f3a5f"


class RestoredShop(Shop):
    """A shop whose folder is empty but for what a backup brings."""

    def __init__(self, backup: Path) -> None:
        super().__init__()
        self.backup = backup

    def prepare(self) -> None:
        # Whoever restores has no other database to begin with.
        said = self.manage("restore", str(self.backup)).stdout
        assert "2 photos" in said
        self.manage("migrate", "--verbosity", "0")
        # These are no part of a backup, and take 8 s of a processor to collect.
        shutil.copytree(trial_shop.prepared_folder() / "static", self.data / "static", dirs_exist_ok=True)


def test_a_shop_that_is_lost_comes_back_with_its_search(tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    with Shop() as shop, shop.admin() as staff:
        shop.add_in_admin(staff, "RED", shopper_photo(RED))
        assert "1 photos, 1 of them new" in shop.manage("back_up", str(backup)).stdout
        shop.add_in_admin(staff, "BLUE", shopper_photo(BLUE))
        assert "2 photos, 1 of them new" in shop.manage("back_up", str(backup)).stdout
        shop.add_in_admin(staff, "LATER", shopper_photo("#2e7d32"))
        key = (shop.data / "secret-key").read_text()

    with RestoredShop(backup) as restored:
        restored.manage("embed_waiting")
        assert restored.finds_first(shopper_photo(RED), "RED")
        assert restored.finds_first(shopper_photo(BLUE), "BLUE")
        skus = {article["sku"] for article in restored.client.get("/api/articles").json()["results"]}
        assert skus == {"RED", "BLUE"}
        assert (restored.data / "secret-key").read_text() == key
        assert restored.manage("restore", str(backup), check=False).returncode != 0
        restored.manage("check_index")


# One process restores each in turn: it takes 3 s of a processor to start.
RESTORE = """
import io
from django.core.management import CommandError, call_command
for number in range(4):
    try:
        call_command("restore", f"{FOLDERS}/{number}", stdout=io.StringIO())
    except CommandError:
        print("refused")
"""


def is_untouched(shop: Shop) -> bool:
    database = shop.data / "shop.sqlite3"
    return not database.exists() or database.stat().st_size == 0


@pytest.fixture
def closed_shop() -> Iterator[Shop]:
    """A shop whose folder is empty, and none of whose processes run."""
    shop = Shop()
    yield shop
    shop.__exit__()


def test_what_is_no_backup_leaves_the_folder_as_it_was(tmp_path: Path, closed_shop: Shop) -> None:
    contents = [None, b"", b"no database", b"SQLite format 3\x00" + bytes(4096)]
    for number, content in enumerate(contents):
        (tmp_path / str(number)).mkdir()
        if content is not None:
            (tmp_path / str(number) / "shop.sqlite3").write_bytes(content)

    said = closed_shop.shell(f"FOLDERS = {str(tmp_path)!r}\n{RESTORE}")

    assert said.splitlines() == ["refused"] * len(contents)
    assert is_untouched(closed_shop)


def test_a_refused_backup_is_told_by_its_status_and_in_words(tmp_path: Path, closed_shop: Shop) -> None:
    (tmp_path / "shop.sqlite3").write_bytes(b"no database")

    said = closed_shop.manage("restore", str(tmp_path), check=False)

    assert said.returncode != 0
    assert "Traceback" not in said.stderr
    assert is_untouched(closed_shop)
