"""Photos that a CSV file names: files of its folder, and addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue.feeds import ArticleRow, CsvReader, RowError
from catalogue.messages import english
from catalogue.messages.message import shorten
from tests.catalogue.feeds.csv_files import reason_of, rows_of, write
from tests.factories import drawn_picture


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png",
        "/etc/passwd",
        "{outside}",
        "link.png",
        "folder/../../secret.png",
        "looped",
        "./../x/../secret.png",
        "..\\secret.png",
        "folder\\..\\..\\secret.png",
        "\\etc\\passwd",
        "LINK.PNG",
        "linked/SECRET.png",
        "Linked\\secret.png",
    ],
)
def test_no_photo_outside_its_folder_is_read(tmp_path: Path, name: str) -> None:
    photos = tmp_path / "photos"
    (photos / "folder").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(drawn_picture())
    (photos / "link.png").symlink_to(tmp_path / "secret.png")
    (photos / "linked").symlink_to(tmp_path)
    (photos / "looped").symlink_to(photos / "looped")

    reason = reason_of(tmp_path, f"sku,photo\n1,{name.format(outside=tmp_path / 'secret.png')}\n", photos=photos)

    assert "outside the photo folder" in reason or "can’t be opened" in reason


@pytest.mark.parametrize("name", ["none.png", "folder", "folder/", ".", "C:\\a.png"])
def test_a_photo_that_is_not_there_is_told_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    reason = reason_of(tmp_path, f"sku,photo\n1,{name}\n")

    said = shorten(name.replace("\\", "/"))
    assert reason == f"photo: There is no photo “{said}” in the photo folder. Copy it there, or correct the name."


@pytest.mark.parametrize(
    "name", ["Été/Façade.JPG", "E\u0301te\u0301/fac\u0327ade.jpg", "ÉTÉ\\FAÇADE.jpg", "./été/façade.jpg"]
)
def test_a_photo_is_found_in_other_letters_forms_of_accents_and_slashes(tmp_path: Path, name: str) -> None:
    for kept in ("Été", "Facade"):
        (tmp_path / kept).mkdir()
    file = tmp_path / "Été" / "Fac\u0327ade.jpg"
    file.write_bytes(drawn_picture())

    (row,) = rows_of(tmp_path, f"sku,photo,photo_alt\n1,{name},Front\n")

    assert isinstance(row, ArticleRow), row
    assert (row.photos, row.alts) == ((file,), ("Front",))


def test_of_two_photos_whose_names_differ_in_case_the_one_that_is_called_exactly_so_is_meant(tmp_path: Path) -> None:
    for name in ("a.png", "A.png"):
        (tmp_path / name).write_bytes(drawn_picture())

    exact, neither = rows_of(tmp_path, "sku,photo\n1,A.png\n2,a.PNG\n")

    assert isinstance(exact, ArticleRow)
    assert exact.photos == (tmp_path / "A.png",)
    assert isinstance(neither, RowError)
    assert "There is no photo “a.PNG”" in english(neither.message)


@pytest.mark.parametrize("column", ["photo", "photo_url"])
def test_addresses_of_photos_are_fetched_in_either_column(tmp_path: Path, column: str) -> None:
    (row,) = rows_of(tmp_path, f"sku,{column},photo_alt\n1,https://a.example/1.jpg|HTTP://a.example/2.jpg,Front|\n")

    assert isinstance(row, ArticleRow), row
    assert row.photo_urls == ("https://a.example/1.jpg", "http://a.example/2.jpg")
    assert (row.photos, row.alts) == (None, ("Front", ""))


@pytest.mark.parametrize(
    "bad", ["N/A", "//a.example/1.jpg", "a.png", "ftp://a.example/1.jpg", "https://" + "a" * 2_000]
)
def test_a_bad_address_costs_its_picture_which_is_told_and_not_its_article(tmp_path: Path, bad: str) -> None:
    reader = CsvReader(
        write(tmp_path, f"sku,photo_url,photo_alt\n1,{bad}|https://a.example/2.jpg,Front|Back\n2,{bad},Front\n")
    )

    first, second = reader

    assert isinstance(first, ArticleRow), first
    assert (first.photo_urls, first.alts) == (("https://a.example/2.jpg",), ("Back",))
    assert second == ArticleRow("3", "2")
    (note,) = reader.notes()
    assert (note.code, note.params["number"]) == ("feed.pictures_left_out", 2)


def test_an_address_that_is_given_twice_is_fetched_once(tmp_path: Path) -> None:
    (row,) = rows_of(
        tmp_path, "sku,photo,photo_alt\n1,https://a.example/1|HTTPS://a.example/1|https://b.example,A|B|C\n"
    )

    assert isinstance(row, ArticleRow)
    assert (row.photo_urls, row.alts) == (("https://a.example/1", "https://b.example"), ("A", "C"))


@pytest.mark.parametrize("cells", ["a.png|https://a.example/1.jpg,", "a.png,https://a.example/1.jpg"])
def test_files_and_addresses_of_photos_are_not_mixed(tmp_path: Path, cells: str) -> None:
    (tmp_path / "a.png").write_bytes(drawn_picture())

    assert "Photo files and addresses are mixed" in reason_of(tmp_path, f"sku,photo,photo_url\n1,{cells}\n")


def test_addresses_that_are_cleared_leave_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(drawn_picture())

    (row,) = rows_of(tmp_path, "sku,photo,photo_url\n1,a.png,[clear]\n")

    assert isinstance(row, ArticleRow)
    assert row.photos == (tmp_path / "a.png",)


def test_a_photo_whose_name_no_file_can_have_is_told_so(tmp_path: Path) -> None:
    assert "can’t be opened" in reason_of(tmp_path, f"sku,photo\n1,{'n' * 300}\n")
