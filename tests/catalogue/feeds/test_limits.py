"""What a feed may have at the most: each limit is reached, and then passed by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db.models import CharField, Model

from catalogue.feeds import ArticleRow, CsvReader, FeedError, RowError, ShopifyCsvReader, cells, tables
from catalogue.feeds import google_merchant_xml as xml
from catalogue.feeds.photo_addresses import PICTURES_AT_MOST, check_number, read_addresses
from catalogue.feeds.rows import CellError
from catalogue.messages import english
from catalogue.models import URL_AT_MOST, Article, Brand, Category, Colour, PhotoSource

RSS = '<rss xmlns:g="http://base.google.com/ns/1.0"><channel>'


def csv_row(folder: Path, **texts: str) -> ArticleRow | RowError:
    texts = {"sku": "D-1", **texts}
    path = folder / "feed.csv"
    path.write_text(f"{','.join(texts)}\n{','.join(texts.values())}\n")
    (row,) = CsvReader(path)
    return row


@pytest.mark.parametrize(
    ("column", "most", "words"),
    [
        ("sku", 100, "sku: It is 101 characters long; the limit is 100"),
        ("name", 200, "name: It is 201 characters long; the limit is 200"),
        ("name_fr", 200, "name_fr: It is 201 characters long; the limit is 200"),
        ("description", 20_000, "description: It is 20,001 characters long; the limit is 20,000"),
        ("description_fr", 20_000, "description_fr: It is 20,001 characters long; the limit is 20,000"),
        ("slug", 120, "slug: “aaaa"),
        ("brand", 200, "brand: It is 201 characters long; the limit is 200"),
        ("category", 200, "category: It is 201 characters long; the limit is 200"),
        ("colour", 200, "colour: It is 201 characters long; the limit is 200"),
        ("size", 200, "size: It is 201 characters long; the limit is 200"),
    ],
)
def test_a_cell_is_as_long_as_its_column_and_no_longer(tmp_path: Path, column: str, most: int, words: str) -> None:
    assert isinstance(csv_row(tmp_path, **{column: "a" * most}), ArticleRow)

    refused = csv_row(tmp_path, **{column: "a" * (most + 1)})

    assert isinstance(refused, RowError)
    assert english(refused.message).startswith(words)
    # What is said of it fits the column that it is kept in.
    assert len(refused.sku) <= cells.MAX_SKU


@pytest.mark.parametrize("term", ["category", "brand", "colour"])
def test_the_address_of_a_term_is_as_long_as_its_column(tmp_path: Path, term: str) -> None:
    assert isinstance(csv_row(tmp_path, **{term: "A", f"{term}_slug": "a" * 100}), ArticleRow)
    assert isinstance(csv_row(tmp_path, **{term: "A", f"{term}_slug": "a" * 101}), RowError)


def test_the_name_of_a_photos_file_is_a_thousand_characters_at_the_most(tmp_path: Path) -> None:
    most, over = (csv_row(tmp_path, photo="/".join(["a" * 9] * 100) + more) for more in ("b", "bb"))

    # There is no such file; but that is another thing.
    assert isinstance(most, RowError)
    assert "characters" not in english(most.message)
    assert isinstance(over, RowError)
    assert english(over.message) == f"photo: It is 1,001 characters long; the limit is {cells.MAX_PATH:,}. Shorten it."


def test_a_category_is_ten_levels_deep_and_not_eleven(tmp_path: Path) -> None:
    levels = [f"Level {number}" for number in range(11)]

    ten, eleven = csv_row(tmp_path, category=">".join(levels[:10])), csv_row(tmp_path, category=">".join(levels))

    assert isinstance(ten, ArticleRow)
    assert ten.category == tuple(levels[:10])
    assert isinstance(eleven, RowError)
    assert english(eleven.message) == "category: The category is 11 levels deep; the limit is 10. Leave some out."


def longest(model: type[Model], name: str) -> int:
    """Return how long a text its column takes."""
    column = model._meta.get_field(name)
    assert isinstance(column, CharField)
    assert column.max_length is not None
    return column.max_length


def test_no_limit_is_longer_than_the_column_that_takes_the_text() -> None:
    """SQLite takes longer ones; PostgreSQL gives up the whole batch for one of them."""
    for name, most in {"sku": cells.MAX_SKU, "name": cells.MAX_NAME, "name_fr": cells.MAX_NAME}.items():
        assert longest(Article, name) == most
    assert longest(Article, "slug") == cells.MAX_ARTICLE_SLUG
    for term in (Category, Brand, Colour):
        assert (longest(term, "name"), longest(term, "slug")) == (cells.MAX_NAME, cells.MAX_SLUG)
    # A category's path has so many characters a level.
    assert longest(Category, "path") >= cells.MAX_DEPTH * Category.steplen


def test_an_article_has_two_hundred_pictures_at_the_most() -> None:
    urls = [f"https://cdn.example/{number}.jpg" for number in range(PICTURES_AT_MOST + 1)]

    assert PICTURES_AT_MOST == 200
    assert read_addresses(urls[:-1]) == tuple(urls[:-1])
    # The same one again is none more.
    assert read_addresses([*urls[:-1], urls[0]]) == tuple(urls[:-1])
    for check in (read_addresses, check_number):
        with pytest.raises(CellError, match="There are 201 image addresses; the limit is 200"):
            check(urls)


def test_an_address_has_two_thousand_characters_at_the_most() -> None:
    address = "https://cdn.example/".ljust(URL_AT_MOST, "a")

    assert URL_AT_MOST == 2_000
    assert read_addresses([address]) == (address,)
    with pytest.raises(CellError, match="is longer than 2,000 characters"):
        read_addresses([address + "a"])


@pytest.mark.parametrize(("host", "taken"), [("a" * 249 + ".com", True), ("a" * 250 + ".com", False)])
def test_a_host_has_253_characters_at_the_most(host: str, *, taken: bool) -> None:
    """On PostgreSQL a name that its column does not take would end the whole import."""
    address = f"https://{host}/a.jpg"

    if taken:
        assert read_addresses([address]) == (address,)
    else:
        with pytest.raises(CellError, match="It is not a plain http or https address"):
            read_addresses([address])
    assert longest(PhotoSource, "host") >= 253


@pytest.mark.parametrize("length", [19, 20, 21])
def test_a_line_is_so_long_at_the_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    """With the sign that ends it, and without one at the end of the file."""
    monkeypatch.setattr(tables, "LINE_AT_MOST", 20)
    path = tmp_path / "feed.csv"
    for text in ("sku,name\n" + "1,".ljust(length - 1, "a") + "\n", "sku,name\n" + "1,".ljust(length, "a")):
        path.write_text(text)
        reader = CsvReader(path)

        if length <= 20:
            assert reader.count() == 1
        else:
            with pytest.raises(FeedError, match="is longer than 20 characters"):
                reader.count()


def test_a_description_in_html_may_be_longer_than_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cells.MAX_SOURCE == 130_000
    monkeypatch.setattr(cells, "MAX_SOURCE", 100)
    path, found = tmp_path / "products.csv", []

    for length in (100, 101):
        path.write_text(f"Handle,Body (HTML)\nd,{'<b>Linen</b>'.ljust(length, '<')}\n")
        found += list(ShopifyCsvReader(path))

    most, over = found
    assert isinstance(most, ArticleRow)
    assert most.values["description"].startswith("Linen")
    assert isinstance(over, RowError)
    assert english(over.message) == "body (html): It is 101 characters long; the limit is 100. Shorten it."
    # So that a text of the longest kind may stand between tags.
    assert 6 * cells.MAX_DESCRIPTION < 130_000


def items(folder: Path, *texts: str) -> list[ArticleRow | RowError]:
    """Return what a feed's items become; those that are refused come first."""
    path = folder / "feed.xml"
    path.write_text(f"{RSS}{''.join(f'<item>{text}</item>' for text in texts)}</channel></rss>")
    return list(xml.GoogleMerchantXmlReader(path))


def test_the_texts_of_an_item_have_so_many_characters_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "_ITEM_AT_MOST", 10)

    over, most, after = items(
        tmp_path,
        "<g:id>1</g:id><g:title>123456789</g:title>",
        "<g:id>2</g:id><g:title>1234567890</g:title>",
        "<g:id>3</g:id>",
    )

    assert isinstance(most, ArticleRow)
    assert most.values == {"name": "123456789"}
    assert isinstance(over, RowError)
    assert english(over.message).startswith("The item is longer than 10 characters")
    assert isinstance(after, ArticleRow)


def test_an_item_has_so_many_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "_TEXTS_AT_MOST", 3)
    sizes = "<g:size>S</g:size><g:size>M</g:size>"

    over, most = items(tmp_path, f"<g:id>1</g:id>{sizes}", f"<g:id>2</g:id>{sizes}<g:size>L</g:size>")

    assert isinstance(most, ArticleRow)
    assert isinstance(over, RowError)
    assert english(over.message).endswith("or has too many attributes. Shorten it.")


def test_tags_are_fifty_deep_at_the_most() -> None:
    document = xml._Document("feed.xml", None)

    document.feed(b"<rss>" + b"<a>" * (xml._DEPTH_AT_MOST - 1))

    assert xml._DEPTH_AT_MOST == 50
    with pytest.raises(FeedError, match="are nested too deeply"):
        document.feed(b"<a>")


def test_a_tag_ends_within_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "_TAG_AT_MOST", 100)
    document = xml._Document("feed.xml", None)
    document.feed(b"<rss>")
    document.feed(b"<a" + b"a" * 93)

    # 100 bytes since the last tag that is known, the root.
    with pytest.raises(FeedError, match="A tag or comment is not closed"):
        document.feed(b"a")


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_pieces_of_any_size_make_the_same_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """A piece may end within a character of several bytes."""
    texts = ["<g:id>1</g:id><g:title>Écharpe 帽子</g:title>", "<g:id>2</g:id><g:title>Coat</g:title>"]
    whole = items(tmp_path, *texts)

    monkeypatch.setattr(xml, "_PIECE", size)

    assert items(tmp_path, *texts) == whole
    assert [row.values for row in whole if isinstance(row, ArticleRow)] == [{"name": "Écharpe 帽子"}, {"name": "Coat"}]
