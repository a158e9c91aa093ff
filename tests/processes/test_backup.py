"""A shop that is saved while it runs, lost, and brought back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.processes.shop import Shop
from tests.visualsearch.catalogue import shopper_photo

RED, BLUE = "#b00020", "#1f3a5f"


class RestoredShop(Shop):
    """A shop whose folder is empty but for what a backup brings."""

    def __init__(self, backup: Path) -> None:
        super().__init__()
        self.backup = backup

    def prepare(self) -> None:
        # Whoever restores has no other folder to copy.
        said = self.manage("restore", str(self.backup)).stdout
        assert "2 photos" in said
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")


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


@pytest.mark.parametrize("content", [None, b"", b"no database", b"SQLite format 3\x00" + bytes(4096)])
def test_what_is_no_backup_leaves_the_folder_as_it_was(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "shop.sqlite3").write_bytes(content)
    shop = Shop()
    try:
        said: subprocess.CompletedProcess[str] = shop.manage("restore", str(tmp_path), check=False)
        assert said.returncode != 0
        assert "Traceback" not in said.stderr
        database = shop.data / "shop.sqlite3"
        assert not database.exists() or database.stat().st_size == 0
    finally:
        shop.__exit__()
