"""A ZIP becomes articles: of photos alone, or of a table and its photos."""

from __future__ import annotations

import errno
import hashlib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalogue.feeds import FeedError, RowError, import_articles, open_source, photo_files, recognise
from catalogue.messages import english
from catalogue.models import Article
from tests.catalogue.feeds.zips import zip_of
from tests.catalogue.imports.handed_in import checked, handed_in, workbook
from tests.factories import drawn_picture

RED, BLUE = drawn_picture("red"), drawn_picture("blue")
CSV = "sku,name,photo\nD-1,Linen dress,front.jpg|back.jpg\nD-2,Coat,photos/coat.jpg\n"

pytestmark = pytest.mark.django_db


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def brought_in(path: Path, **options: Any) -> tuple[list[RowError], list[str]]:
    reader = open_source(path, kind=recognise(path), alone=True, **options)
    refused = [row for progress in import_articles(reader) for row in progress.refusals]
    return refused, [english(note) for note in reader.notes()]


def test_each_photo_is_an_article_and_its_folder_the_category(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"dress/D-1.jpg": RED, "women/coat/C-1.jpg": BLUE, ".DS_Store": b"-"})

    refused, notes = brought_in(path)

    assert refused == []
    assert notes == ["Files of the ZIP that are not used (1): .DS_Store."]
    articles = {article.sku: article for article in Article.objects.all()}
    assert {sku: str(article.category) for sku, article in articles.items()} == {"D-1": "dress", "C-1": "coat"}
    assert articles["D-1"].photos.get().sha256 == sha256(RED)


def test_a_name_that_a_camera_made_up_is_not_shown_to_shoppers(tmp_path: Path) -> None:
    uuid = "3f2b8c1e-7a2d-4a5b-9c3d-1234567890ab"
    path = zip_of(tmp_path / "x.zip", {"Dresses/IMG_1234.jpg": RED, f"{uuid}.jpg": BLUE, "linen dress.jpg": RED})

    brought_in(path)
    named = {article.sku: (article.name, article.name_fr) for article in Article.objects.all()}
    Article.objects.filter(sku="IMG_1234").update(name="Red dress")
    brought_in(path)

    assert named == {
        "IMG_1234": ("Dresses", ""), uuid: ("New product", "Nouvel article"), "linen dress": ("linen dress", ""),
    }  # fmt: skip
    assert Article.objects.get(sku="IMG_1234").name == "Red dress"


def test_what_is_no_photo_is_refused_by_its_name(tmp_path: Path) -> None:
    refused, _notes = brought_in(zip_of(tmp_path / "x.zip", {"a.jpg": RED, "notes.txt": b"hello"}))

    assert [row.line for row in refused] == ["notes.txt"]
    assert Article.objects.get().sku == "a"


@pytest.mark.parametrize("name", ["articles.csv", "articles.xlsx"])
def test_a_table_comes_with_the_photos_that_it_names(tmp_path: Path, name: str) -> None:
    rows: list[list[object]] = [list(line.split(",")) for line in CSV.splitlines()]
    table = workbook(*rows) if name.endswith("xlsx") else CSV
    photos = {"photos/front.jpg": RED, "photos/back.jpg": BLUE, "photos/coat.jpg": BLUE, "photos/spare.jpg": RED}

    refused, notes = brought_in(zip_of(tmp_path / "x.zip", {name: table, **photos}))

    assert refused == []
    assert notes == ["Files of the ZIP that are not used (1): photos/spare.jpg."]
    assert [photo.sha256 for photo in Article.objects.get(sku="D-1").photos.all()] == [sha256(RED), sha256(BLUE)]
    assert Article.objects.get(sku="D-2").photos.count() == 1


def test_a_photo_that_is_missing_refuses_its_row_alone(tmp_path: Path) -> None:
    refused, _notes = brought_in(zip_of(tmp_path / "x.zip", {"a.csv": CSV, "front.jpg": RED, "back.jpg": BLUE}))

    assert [(row.sku, row.message.code) for row in refused] == [("D-2", "cell.in_column")]
    assert Article.objects.get().sku == "D-1"


def test_columns_are_mapped_within_it(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"a.csv": "ref,picture\nD-1,a.jpg\n", "a.jpg": RED})

    brought_in(path, columns={"sku": "ref", "photo": "picture"})

    assert Article.objects.get().photos.count() == 1
    with pytest.raises(FeedError, match="contains no table"):
        open_source(zip_of(tmp_path / "y.zip", {"a.jpg": RED}), kind="zip", columns={"sku": "ref"})


def test_a_feed_in_it_is_read_as_one(tmp_path: Path) -> None:
    brought_in(zip_of(tmp_path / "x.zip", {"products.csv": "Handle,Title\ncoat,Wool coat\n"}))

    assert Article.objects.get().name == "Wool coat"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.csv": CSV, "b.xlsx": b"-"}, "has several tables: a.csv, b.xlsx"),
        ({"a.csv": "name\nCoat\n"}, "has no column “sku”"),
        ({"a.xlsx": b"PK\x03\x04" + b"\0" * 40}, "contains another archive: a.xlsx"),
    ],
)
def test_a_zip_without_one_good_table_is_refused(tmp_path: Path, files: dict[str, bytes | str], words: str) -> None:
    with pytest.raises(FeedError, match=words):
        brought_in(zip_of(tmp_path / "x.zip", files))


def test_it_is_imported_again_without_a_change(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"a.csv": CSV, "front.jpg": RED, "back.jpg": BLUE, "photos/coat.jpg": BLUE})
    brought_in(path)

    *_, last = import_articles(open_source(path, kind="zip"))

    assert (last.created, last.changed, last.unchanged) == (0, 0, 2)


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zip_of(tmp_path / "x.zip", {"a.jpg": RED})

    class Full:
        def save(self, *args: object) -> str:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(photo_files, "photo_storage", Full)

    with pytest.raises(FeedError, match=r"can’t be stored \(No space left on device"):
        brought_in(path)
    assert not Article.objects.exists()


def test_the_command_reads_it_and_names_what_is_left_out(tmp_path: Path) -> None:
    path, out = zip_of(tmp_path / "x.zip", {"dress/D-1.jpg": RED, "__MACOSX/._D-1.jpg": b"-"}), StringIO()

    call_command("import_catalogue", str(path), stdout=out)

    assert "1 articles created" in out.getvalue()
    assert "Files of the ZIP that are not used (1): __MACOSX/._D-1.jpg." in out.getvalue()
    with pytest.raises(CommandError, match="--photos are for CSV"):
        call_command("import_catalogue", str(path), photos=tmp_path)


def test_it_is_imported_in_the_browser(tmp_path: Path) -> None:
    photos = dict.fromkeys(["spring/front.jpg", "spring/back.jpg", "spring/coat.jpg", "spring/more.jpg"], RED)
    path = zip_of(tmp_path / "x.zip", {"spring/a.csv": CSV.replace("photos/", ""), **photos})

    run = checked(path.read_bytes(), "spring.zip")

    assert (run.kind, run.created, run.refused) == ("zip", 2, 0)
    assert [note["params"]["names"] for note in run.notes] == [["more.jpg"]]
    assert not Article.objects.exists()


def test_a_hostile_zip_is_refused_at_once_and_not_kept(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"../a.jpg": RED})

    with pytest.raises(FeedError, match=r"\.\./a\.jpg in spring\.zip is not a regular file"):
        handed_in(path.read_bytes(), "spring.zip")


def test_an_empty_zip_has_no_products(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"spring\.zip has no products"):
        handed_in(zip_of(tmp_path / "x.zip", {}).read_bytes(), "spring.zip")
