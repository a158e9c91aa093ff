"""Refused rows as a CSV file, for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from catalogue.feeds.formulas import escape_formula
from catalogue.feeds.rows import RowError


def refusal_lines(rows: Iterable[RowError]) -> Iterator[str]:
    """Yield the file line by line: where each row stands, its sku, and why it was not imported."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    writer.writerow(["place", "sku", "reason"])
    yield line.getvalue()
    for row in rows:
        line.seek(0)
        line.truncate()
        writer.writerow(map(escape_formula, (row.place, row.sku, row.reason)))
        yield line.getvalue()
