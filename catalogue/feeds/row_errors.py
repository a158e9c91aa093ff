"""Row errors as a CSV file, for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from catalogue.feeds.formulas import escape_formula
from catalogue.feeds.rows import RowError
from catalogue.messages.rendering import render


def refusal_lines(rows: Iterable[RowError]) -> Iterator[str]:
    """Yield the file line by line, in the active language: the position of a row, its sku, and why it was refused."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    writer.writerow(["line", "sku", "reason"])
    yield line.getvalue()
    for row in rows:
        line.seek(0)
        line.truncate()
        writer.writerow(map(escape_formula, (row.line, row.sku, render(row.message))))
        yield line.getvalue()
