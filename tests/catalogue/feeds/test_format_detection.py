"""The format of a source is told from what it holds, or said."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalogue.feeds import FeedError, recognise
from catalogue.feeds.tables import LINE_AT_MOST, open_table
from catalogue.models import Article, PhotoSource
from tests.processes.valkey import Valkey

RSS = (
    '<rss xmlns:g="http://base.google.com/ns/1.0"><item><g:id>D-1</g:id><g:title>Dress</g:title>'
    "<g:image_link>https://cdn.example/a.jpg</g:image_link>{more}</item></rss>"
)


def write(folder: Path, content: bytes) -> Path:
    path = folder / "feed"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (RSS.encode(), "google-xml"),
        (f"\ufeff\n {RSS}".encode(), "google-xml"),
        (RSS.encode("utf-16"), "google-xml"),
        (b"ID\ttitle\timage link\n1\ta\tb\n", "google-tsv"),
        (b"id,title,image_link\n1,a,b\n", "google-tsv"),
        (b"# Required,# Required\nid,image_link\n1,b\n", "google-tsv"),
        (b"Type,SKU,Name,Parent\nsimple,1,a,\n", "woocommerce"),
        ("\ufeffType;UGS;Nom;Tarif régulier\nsimple;1;a;\n".encode(), "woocommerce"),
        (b"sku,product_type,attribute_set_code,name\n1,simple,Default,a\n", "magento"),
        ('"ID";"Nom";"Référence";"Prix (TTC)"\n1;a;b;5\n'.encode(), "prestashop"),
        (b"sku,id,name,category\n1,1,a,b\n", "csv"),
        (b"type,sku,name\na,1,b\n", "csv"),
        (b"PK\x03\x04 no workbook", "zip"),
        (b"Handle,Title,Vendor\na,b,c\n", "shopify"),
        (b"Title;URL handle\na;b\n", "shopify"),
        (b"sku,name\n1,a\n", "csv"),
        (b"id,name\n1,a\n", "csv"),
        (b"", "csv"),
        (b"\x89PNG\r\n", "csv"),
        (b"sku," + b"a" * 200_000, "csv"),
    ],
    ids=range(20),
)
def test_the_format_is_told_from_what_a_file_holds(tmp_path: Path, content: bytes, kind: str) -> None:
    assert recognise(write(tmp_path, content)) == kind
    assert recognise(tmp_path) == "folder"


def test_a_file_that_is_not_there_has_no_format(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="No such file"):
        recognise(tmp_path / "none")


@pytest.mark.django_db(transaction=True)
def test_a_feed_is_brought_in_and_its_pictures_are_to_be_fetched(tmp_path: Path, valkey: Valkey) -> None:
    path, out = write(tmp_path, RSS.format(more="<g:price>5 EUR</g:price>").encode()), io.StringIO()

    for _ in range(2):
        call_command("import_catalogue", str(path), stdout=out)

    first, again = out.getvalue().split("Read as google-xml.\n")[1:]
    assert first.splitlines() == [
        "1 articles created, 0 changed, 0 unchanged.",
        "1 pictures will be downloaded by the worker. "
        "`manage.py fetch_photos --failed` lists those that it cannot get.",
    ]
    assert again.startswith("0 articles created, 0 changed, 1 unchanged.\n1 pictures will be downloaded")
    assert PhotoSource.objects.get().url == "https://cdn.example/a.jpg"


@pytest.mark.django_db
def test_refused_items_of_a_feed_are_listed_in_the_file(tmp_path: Path) -> None:
    path, report = write(tmp_path, RSS.format(more="<g:price>dear</g:price>").encode()), tmp_path / "refused.csv"

    with pytest.raises(CommandError, match="1 of 1 rows have errors"):
        call_command("import_catalogue", str(path), "--report", str(report), stdout=io.StringIO())

    assert report.read_text().splitlines()[1].startswith("1 #1,D-1,price: ")
    assert not Article.objects.exists()


@pytest.mark.django_db
def test_a_format_that_is_said_is_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path, b"sku,Handle,Title\n1,a,b\n")

    call_command("import_catalogue", str(path), "--format", "csv", stdout=io.StringIO())

    assert Article.objects.get().sku == "1"
    with pytest.raises(CommandError, match="--map and --photos are for CSV files; feed is read as shopify"):
        call_command("import_catalogue", str(path), "--photos", str(tmp_path), stdout=io.StringIO())


def test_a_line_that_does_not_end_is_not_held(tmp_path: Path) -> None:
    path = write(tmp_path, b"id\timage_link\n1\t" + b"a" * (LINE_AT_MOST + 1))

    with (
        open_table(path) as table,
        pytest.raises(FeedError, match="Line 2 of feed is longer than 4,000,000 characters"),
    ):
        list(table.records())


def test_help_tells_how_feeds_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("import_catalogue", "--help")

    said = capsys.readouterr().out
    assert "{folder,zip,csv,google-xml,google-tsv,shopify,woocommerce,prestashop,magento}" in said
    assert "item_group_id" in said
    assert "Variant Inventory Qty" in said
