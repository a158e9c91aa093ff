"""`benchmark text`: it fills a shop and prints what a search and suggestions take in it."""

from __future__ import annotations

import re
from io import StringIO

from django.core.management import call_command

from lab.benchmarks.text import QUERIES, TYPED


def test_it_prints_a_line_for_each_query() -> None:
    out = StringIO()

    call_command("benchmark", "text", "--articles", "300", stdout=out)

    lines = out.getvalue().splitlines()
    assert any(re.fullmatch(r"300 articles; written with their documents in [\d.]+ ms each", line) for line in lines)
    for text in (*QUERIES, *TYPED):
        assert any(line.startswith(f"{text[:27]} ") for line in lines), text
    found = {
        text: next(int(line.split()[-1].replace(",", "")) for line in lines if line.startswith(text[:27]))
        for text in QUERIES
    }
    assert found["B000123"] == 1 and found["dress"] > found["red dress"] > 0
