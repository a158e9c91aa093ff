"""What is taken of files that staff hand in, and what is left of those that are not."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from django.core.files.storage import default_storage

from catalogue.feeds import FeedError
from catalogue.imports.upload import check_is_text
from catalogue.models import ImportRun
from tests.catalogue.imports.handed_in import BOMB, FEED, archive, handed_in, kept_files, sent, table, workbook

pytestmark = pytest.mark.django_db

NEITHER = "is neither a text file nor an Excel workbook"


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        (table(1), "spring.csv", "csv"),
        (FEED, "feed.xml", "google-xml"),
        ("id\ttitle\timage_link\n1\tCoat\thttps://a.example/1.jpg\n", "feed.txt", "google-tsv"),
        ("Handle,Title\ncoat,Coat\n", "products.csv", "shopify"),
        (table(1).encode("utf-16"), "excel.csv", "csv"),
        (workbook(["sku", "name"], ["1", "Coat"]), "book.xlsx", "csv"),
        (workbook(["sku", "name"], ["1", "Coat"]), "book.xls", "csv"),
        (workbook(["Handle", "Title"], ["coat", "Coat"]), "products.xlsx", "shopify"),
    ],
)
def test_a_file_of_each_format_waits_to_be_checked(text: str | bytes, name: str, kind: str) -> None:
    run = handed_in(text, f"C:/feeds/{name}")

    assert (run.name, run.kind, run.state, run.is_working) == (name, kind, ImportRun.State.CHECKING, True)
    assert run.size == len(text)
    assert len(kept_files()) == 1


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        pytest.param("", "empty.csv", "empty.csv is empty", id="nothing"),
        pytest.param("sku,name\n", "head.csv", "head.csv has no products", id="a header alone"),
        pytest.param("name,price\n", "no-sku.csv", "no-sku.csv has no products", id="foreign headings alone"),
        pytest.param(BOMB, "bomb.xml", "document type declaration", id="an XML bomb"),
        pytest.param("<html><body>", "page.xml", "begins with “html”", id="a web page"),
        pytest.param(b"PK\x03\x04\0\0\0\0", "book.xlsx", "book.xlsx is damaged, or neither", id="half a ZIP"),
        pytest.param(archive("../a.jpg"), "photos.zip", "../a.jpg in photos.zip", id="a ZIP that reaches out"),
        pytest.param(archive("xl/workbook.xml"), "a.xlsx", "a.xlsx is damaged, or not an Excel", id="half a workbook"),
        pytest.param(workbook(["sku", "name"]), "head.xlsx", "head.xlsx has no products", id="a workbook of headings"),
        pytest.param(workbook(), "none.xlsx", "none.xlsx has no column “sku”", id="an empty workbook"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0", "photo.csv", f"photo.csv {NEITHER}", id="a picture"),
        pytest.param(
            "sku,name\nä,é\n".encode("latin-1"), "old.csv", "old.csv is not encoded as UTF-8", id="another encoding"
        ),
        pytest.param("sku" * 2_000_000, "line.csv", "line.csv", id="a line without end"),
    ],
)
def test_a_file_that_will_not_do_is_refused_by_its_name_and_nothing_of_it_is_kept(
    text: str | bytes, name: str, words: str
) -> None:
    with pytest.raises(FeedError) as refused:
        handed_in(text, name)

    assert words in str(refused.value)
    assert kept_files() == []
    assert not ImportRun.objects.exists()


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*args: Any, **kwargs: Any) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(default_storage, "save", no_room)

    with pytest.raises(FeedError, match="Check whether the shop’s disk is full"):
        handed_in(table(1))

    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(("before", "refused"), [(8_191, True), (8_192, False)])
def test_the_first_eight_kilobytes_say_whether_a_file_is_text(*, before: int, refused: bool) -> None:
    """What is further is found out as it is read."""
    file = sent(b"a" * before + b"\0" + b"a" * 100, "feed.csv")

    if refused:
        with pytest.raises(FeedError, match=NEITHER):
            check_is_text(file, "feed.csv")
    else:
        check_is_text(file, "feed.csv")
    assert file.tell() == 0
