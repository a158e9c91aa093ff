"""How many lines one article may have, and how often whoever reads them shows that it lives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalogue.feeds import cells, grouping
from catalogue.feeds.grouping import BadLine, GroupingReader, Line, gather
from catalogue.feeds.rows import ArticleRow, RowError
from catalogue.messages import Message, english


def lines_of(key: str, count: int) -> list[Line]:
    return [Line(f"{key} {number}", key, key.upper(), {"title": [str(number)]}) for number in range(count)]


class Lines(GroupingReader):
    """A source of these lines."""

    def __init__(self, *lines: Line | BadLine) -> None:
        self._lines = lines

    def lines(self) -> Iterator[Line | BadLine]:
        yield from self._lines

    def article(self, lines: list[Line]) -> ArticleRow:
        return ArticleRow(lines[0].line, lines[0].sku, {"name": str(len(lines))})


def test_an_article_has_as_many_lines_as_it_may_and_not_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert grouping.LINES_AT_MOST == 5_000
    monkeypatch.setattr(grouping, "LINES_AT_MOST", 1_000)

    full, over, after = gather([*lines_of("full", 1_000), *lines_of("over", 1_001), *lines_of("after", 1)])

    assert isinstance(full, list)
    assert [line.line for line in full] == [f"full {number}" for number in range(1_000)]
    assert over == RowError("over 0", "OVER", Message.of("row.too_many_lines", limit=1_000))
    # What is left of the refused one is not taken for the next.
    assert isinstance(after, list)
    assert [line.line for line in after] == ["after 0"]


def test_lines_are_counted_for_each_article_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "LINES_AT_MOST", 2)
    one, other = lines_of("one", 3), lines_of("other", 2)

    found = list(Lines(one[0], other[0], one[1], other[1], one[2]))

    assert isinstance(found[0], RowError)
    assert isinstance(found[1], ArticleRow)
    assert (found[0].sku, found[1].sku, found[1].values) == ("ONE", "OTHER", {"name": "2"})


def test_the_sku_of_a_refused_article_is_as_long_as_a_sku_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "LINES_AT_MOST", 1)

    (refused,) = gather(lines_of("k" * (cells.MAX_SKU + 1), 2))

    assert isinstance(refused, RowError)
    assert refused.sku == "K" * cells.MAX_SKU


@pytest.mark.parametrize(("lines", "heartbeats"), [(1, 1), (3, 1), (4, 2), (7, 3)])
def test_a_reader_is_heard_of_at_its_first_line_and_every_few(
    monkeypatch: pytest.MonkeyPatch, lines: int, heartbeats: int
) -> None:
    monkeypatch.setattr(grouping, "LINES_A_HEARTBEAT", 3)
    heard: list[None] = []
    reader = Lines(*lines_of("one", lines))
    reader.heartbeat = lambda: heard.append(None)

    assert reader.count() == 1

    assert len(heard) == heartbeats


def line(number: int, key: str, *, starts: bool = False, shares: bool = True) -> Line:
    return Line(str(number), key, key, {}, starts=starts, shares=shares)


def bad(number: int, key: str | None = None) -> BadLine:
    return BadLine(RowError(str(number), key or "", Message.of("cell.empty")), key)


def outcome(*lines: Line | BadLine) -> list[str]:
    """Return the keys of the articles that are read, and the lines and keys of those that are not."""
    found = gather(lines)
    return [
        f"{each.line} {each.sku}".strip() + ("" if each.message.code == "cell.empty" else " spoiled")
        if isinstance(each, RowError)
        else each[0].key
        for each in found
    ]


def test_a_bad_line_keeps_all_lines_of_its_article_out_wherever_they_are() -> None:
    assert outcome(line(1, "a"), line(2, "b"), bad(3, "a"), line(4, "a"), line(5, "b")) == ["3 a", "1 a spoiled", "b"]
    assert outcome(bad(1, "a"), line(2, "a"), line(3, "b")) == ["1 a", "2 a spoiled", "b"]


def test_an_article_all_of_whose_lines_are_bad_is_refused_once_for_each() -> None:
    assert outcome(bad(1, "a"), bad(2, "a"), line(3, "b")) == ["1 a", "2 a", "b"]


def test_a_bad_line_of_unknown_key_may_be_of_the_article_before_and_of_the_one_after() -> None:
    lines: list[Line | BadLine] = [line(1, "a"), line(2, "b"), bad(3), bad(4), line(5, "c"), line(6, "d")]

    assert outcome(*lines) == ["3", "4", "a", "2 b spoiled", "5 c spoiled", "d"]


def test_a_bad_line_is_not_of_an_article_that_begins_after_it_or_has_one_line_only() -> None:
    assert outcome(line(1, "a", shares=False), bad(2), line(3, "b", starts=True)) == ["2", "a", "b"]
    assert outcome(bad(1), line(2, "a", shares=False), line(3, "b")) == ["1", "a", "b"]


def test_the_reason_names_the_line_to_put_right() -> None:
    refused = [found for found in gather([line(1, "a"), bad(2, "a"), bad(3, "a")]) if isinstance(found, RowError)]

    assert english(refused[-1].message) == (
        "Another row that may belong to this product can’t be read: line 2. "
        "Correct that row: a product is never imported in part."
    )
