"""What is exported and imported into an empty shop is the same shop."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from catalogue.feeds import ArticleRow, CsvReader
from catalogue.feeds.formulas import escape_formula, unescape_formula
from catalogue.feeds.lists import join, split
from catalogue.models import Article, Brand, Category, Colour, Photo, photo_storage
from tests.catalogue.feeds.rows import content_of
from tests.catalogue.stores import files
from tests.factories import (
    ArticleFactory,
    BrandFactory,
    CategoryFactory,
    ColourFactory,
    PhotoFactory,
    drawn_picture,
    stock_small_shop,
)

pytestmark = pytest.mark.database

# What files of this kind are broken by.
NASTY = [
    '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "'=1", "''+", "'quoted'", "a,b;c", 'say "so"', "a|b", "a > b",
    "a\\", "\\|", "a\\|b\\\\", "line\nline", "line\r\nline", "a\rb", "ＡＢ", "＝1", "Écharpe 帽子 👗", "tab\there",
    "#,", "x" * 200,
]  # fmt: skip

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\r\t\\|>'=+-@,;\""), max_size=12)


def nasty_shop() -> None:
    """Stock a shop in which every text is one that files are broken by."""
    parent: Category | None = None
    for number, nasty in enumerate(NASTY):
        # Names have one line. Two that are the same would be one category, brand and colour.
        text = " ".join(nasty.split())[:190] + (f" {number}" if nasty.split() != [nasty] and "\n" in nasty else "")
        parent = CategoryFactory.create(
            name=text, name_fr=text[::-1].strip(), slug=f"category-{number}", parent=parent if number % 4 else None
        )
        colours = [
            ColourFactory.create(name=text, name_fr="", slug=f"a-{number}", hex=f"#0000{number:02x}"),
            ColourFactory.create(name=f"{text} b", name_fr=text, slug=f"b-{number}", hex="#ABCDEF"),
        ]
        brand = BrandFactory.create(name=text, name_fr=text, slug=f"x-{number}")
        article = ArticleFactory.create(
            sku=(nasty + str(number))[-100:], name=text, name_fr=text, description=nasty * 3, description_fr=nasty,
            slug=f"slug-{number}", category=parent, brand=brand,
            price=f"{number}.05", currency="CHF", colours=colours, sizes=[text, "S", f"{number}|"], stock=number,
            published=bool(number % 2),
        )  # fmt: skip
        for place in range(number % 3):
            PhotoFactory.create(
                article=article,
                position=7 - place,
                alt=text if place else "",
                data=drawn_picture(f"#{number:02x}{place:02x}99"),
            )
    ArticleFactory.create(sku="bare", brand=None, category=None, price=None, stock=None)


def all_of_it() -> dict[str, Any]:
    """Return all that the catalogue says, without ids and times."""

    def said(term: Any, *more: str) -> tuple[str, ...]:
        return tuple(getattr(term, name) for name in ("slug", "name", "name_fr", *more))

    def path(category: Category | None) -> list[tuple[str, ...]]:
        above = [] if category is None else [*Category.objects.get_ancestors(category), category]
        return [said(each) for each in above]

    return {
        "articles": [
            (
                article.sku, article.name, article.name_fr, article.slug, article.description, article.description_fr,
                article.price, article.currency, article.sizes, article.stock, article.published,
                path(article.category), said(article.brand) if article.brand else None,
                sorted(said(colour, "hex") for colour in article.colours.all()),
                [(photo.alt, photo.sha256, content_of(photo)) for photo in article.photos.all()],
            )
            for article in Article.objects.all()
        ],
        "categories": sorted(said(category) for category in Category.objects.all()),
        "brands": sorted(map(said, Brand.objects.all())),
        "colours": sorted(said(colour, "hex") for colour in Colour.objects.all()),
    }  # fmt: skip


def close_down() -> None:
    """Empty the shop."""
    Article.all_objects.all().purge()
    for model in (Brand, Colour):
        model.objects.all().delete()
    for category in Category.objects.filter(depth=1):
        Category.objects.filter(path__startswith=category.path).delete()


def export(path: Path, *arguments: object) -> str:
    out = io.StringIO()
    call_command("export_catalogue", str(path), *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("stock", [nasty_shop, stock_small_shop])
def test_a_shop_that_is_exported_and_imported_is_the_same(tmp_path: Path, stock: Any) -> None:
    stock()
    Colour.objects.filter(articles=None).delete()
    before = all_of_it()
    path, photos = tmp_path / "shop.csv", tmp_path / "photos"
    told = export(path, "--photos", photos)
    close_down()

    call_command("import_catalogue", str(path), "--photos", str(photos), stdout=io.StringIO())

    assert all_of_it() == before
    assert told == f"{len(before['articles'])} articles and {Photo.objects.count()} photos written.\n"


@pytest.mark.django_db
def test_an_export_that_is_imported_where_it_came_from_changes_nothing(tmp_path: Path, settings: Any) -> None:
    nasty_shop()
    before = (all_of_it(), list(Photo.objects.order_by("pk").values("pk", "file", "sha256")))
    export(tmp_path / "shop.csv")
    out = io.StringIO()

    call_command("import_catalogue", str(tmp_path / "shop.csv"), "--photos", settings.DATA_DIR / "photos", stdout=out)

    assert (all_of_it(), list(Photo.objects.order_by("pk").values("pk", "file", "sha256"))) == before
    assert "0 articles created" in out.getvalue()
    assert list(tmp_path.iterdir()) == [tmp_path / "shop.csv"]


@pytest.mark.django_db
def test_no_cell_is_taken_for_a_formula(tmp_path: Path) -> None:
    nasty_shop()

    export(tmp_path / "shop.csv")

    with (tmp_path / "shop.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))] == []
    assert '\'=HYPERLINK("http://x")' in cells


@pytest.mark.django_db
def test_an_export_is_the_same_each_time_and_copies_a_photo_once(tmp_path: Path) -> None:
    nasty_shop()
    export(tmp_path / "a.csv", "--photos", tmp_path / "photos")
    copied = {path: path.stat().st_ino for path in (tmp_path / "photos").rglob("*") if path.is_file()}

    export(tmp_path / "b.csv", "--photos", tmp_path / "photos")

    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert {path: path.stat().st_ino for path in (tmp_path / "photos").rglob("*") if path.is_file()} == copied
    assert len(copied) == len(files("photos"))


@pytest.mark.django_db
def test_a_photo_whose_file_is_gone_is_left_out_and_told(tmp_path: Path) -> None:
    lost, kept = PhotoFactory.create(), PhotoFactory.create()
    photo_storage().delete(str(lost.file.name))

    with pytest.raises(CommandError, match="1 photos have lost their file"):
        export(tmp_path / "shop.csv", "--photos", tmp_path / "photos")

    rows = [row for row in CsvReader(tmp_path / "shop.csv", photos=tmp_path / "photos") if isinstance(row, ArticleRow)]
    assert [row.photos for row in rows] == [None, (tmp_path / "photos" / str(kept.file.name),)]


@pytest.mark.django_db
def test_an_export_that_fails_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    PhotoFactory.create()
    path = tmp_path / "shop.csv"
    path.write_text("before")
    (tmp_path / "file").write_text("in the way of a folder")

    with pytest.raises(CommandError, match="cannot be written"):
        export(path, "--photos", tmp_path / "file")

    assert path.read_text() == "before"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["file", "shop.csv"]


@given(texts)
def test_a_guarded_cell_comes_back_and_is_no_formula(text: str) -> None:
    guarded = escape_formula(text)

    assert unescape_formula(guarded) == text
    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.lists(texts, min_size=1, max_size=5), st.sampled_from("|>"))
def test_texts_that_are_joined_come_back(parts: list[str], separator: str) -> None:
    assert split(join(parts, separator), separator) == parts


@pytest.mark.parametrize(
    ("cell", "parts"),
    [("a|b", ["a", "b"]), (r"a\|b", ["a|b"]), (r"a\\|b", ["a\\", "b"]), (r"..\a\b", [r"..\a\b"]), ("", [""])],
)
def test_a_backslash_means_something_before_a_separator_only(cell: str, parts: list[str]) -> None:
    assert split(cell, "|") == parts
