"""Google Merchant feeds that are broken, huge or hostile."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue.feeds import (
    ArticleRow,
    FeedError,
    RowError,
    google_merchant_xml,
)
from catalogue.messages import Message, english
from tests.catalogue.feeds.merchant_feeds import RSS, document, item, only, reason, tsv, xml


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss><item><id>&b;</id></item></rss>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1/evil.dtd"><rss/>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><id>&x;</id></item></rss>',
        "<!DOCTYPE rss><rss/>",
    ],
)
def test_a_document_type_declaration_is_refused_before_anything_is_read(tmp_path: Path, content: str) -> None:
    with pytest.raises(FeedError, match="has a document type declaration"):
        document(tmp_path, content.encode()).count()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<rss><channel><item>", "no element found"),
        (b"<rss><item></rss>", "mismatched tag"),
        (b"<rss>\0</rss>", "not well-formed"),
        (b"<rss><item><id>\xff</id></item></rss>", "not well-formed"),
        (b"<rss><item><id>&nbsp;</id></item></rss>", "undefined entity"),
        (b'<?xml version="1.0" encoding="klingon"?><rss/>', "encoding"),
        (b'<?xml version="1.0" encoding="shift_jis"?><rss/>', "encoding"),
        (b"<html><item/></html>", "begins with “html” in line 1; a feed begins with rss or feed"),
        (b"<rss>" + b"<a>" * 60, "are nested too deeply"),
        (b"<rss><a " + b"x" * 1_200_000, "A tag or comment is not closed"),
        (b"<rss><!--" + b"x" * 1_200_000, "A tag or comment is not closed"),
        (b'<rss><item g="' + b"x" * 1_200_000, "A tag or comment is not closed"),
        (b"", "no element found"),
    ],
    ids=range(13),
)
def test_a_broken_document_is_refused_as_a_whole_with_the_cause(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(FeedError, match=message):
        document(tmp_path, content).count()


def test_a_huge_text_costs_its_own_item_only(tmp_path: Path) -> None:
    reader = xml(tmp_path, item(id="1", title="a" * 300_000) + item(id="2"))

    huge, good = reader

    assert huge == RowError("3 #1", "1", Message.of("row.too_many_texts", limit=200_000))
    assert isinstance(good, ArticleRow)


def test_no_more_of_a_huge_text_is_held_than_an_item_may_have(tmp_path: Path) -> None:
    read = google_merchant_xml._Document("feed.xml", None)
    read.feed(b'<rss xmlns:g="http://base.google.com/ns/1.0"><item><g:title>')

    for _ in range(200):
        read.feed(b"a" * 65_536)

    assert read._size < 300_000
    assert sum(map(len, read._pieces)) == read._size


def test_other_encodings_are_read_where_they_are_named(tmp_path: Path) -> None:
    said = f'<?xml version="1.0" encoding="cp1252"?>{RSS[22:]}{item(title="Écharpe")}</channel></rss>'
    unsaid = f"{RSS}{item(title='Écharpe')}</channel></rss>"

    assert only(document(tmp_path, said.encode("cp1252"))).values == {"name": "Écharpe"}
    assert only(document(tmp_path, unsaid.encode("latin-1"), "iso-8859-1")).values == {"name": "Écharpe"}


def test_a_line_with_a_cell_too_many_keeps_its_whole_article_out(tmp_path: Path) -> None:
    rows = list(
        tsv(
            tmp_path,
            "id\ttitle\tprice\titem_group_id",
            "A1\tRobe\t80 EUR\tG",
            "A2\tRobe\t60 EUR\tG\textra",
            "A3\tRobe\t70 EUR\tG",
            "B\tJupe\t9 EUR\t",
        )
    )

    bad, spoiled, good = rows
    assert isinstance(bad, RowError)
    assert (bad.line, bad.sku) == ("3", "G")
    assert "5 cells for 4 columns" in english(bad.message)
    assert spoiled == RowError("2", "G", Message.of("row.article_spoiled", where=Message.of("row.line", line=3)))
    assert isinstance(good, ArticleRow)
    assert good.sku == "B"


def test_an_id_with_a_null_byte_is_refused(tmp_path: Path) -> None:
    assert reason(tsv(tmp_path, "id\ttitle", "a\0\tRobe")).startswith("id: It contains control characters")


def test_a_tsv_without_ids_or_with_ragged_lines_says_so(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="has no column “id”"):
        tsv(tmp_path, "title\timage link", "a\tb").count()

    rows = list(tsv(tmp_path, "id\ttitle", "1\ta\tb", '2\t"a', "3\tc"))

    assert [type(row) for row in rows] == [RowError, RowError]
    assert "3 cells for 2 columns" in english(rows[0].message)  # type: ignore[union-attr]  # a RowError
    assert "unmatched quotation mark" in english(rows[1].message)  # type: ignore[union-attr]  # a RowError
