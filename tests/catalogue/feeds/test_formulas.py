"""Every sign that makes a spreadsheet take a cell for a formula is guarded, each for itself."""

from __future__ import annotations

import pytest

from catalogue.feeds.formulas import escape_formula, unescape_formula

NARROW = ["=", "+", "-", "@", "\t", "\r", "\n"]
WIDE = ["\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}", "\N{FULLWIDTH HYPHEN-MINUS}"]
WIDE += ["\N{FULLWIDTH COMMERCIAL AT}"]


@pytest.mark.parametrize("sign", NARROW + WIDE)
@pytest.mark.parametrize("before", ["", "'", "''"])
def test_a_cell_that_begins_with_such_a_sign_is_guarded_and_comes_back(sign: str, before: str) -> None:
    cell = f"{before}{sign}1+1"

    guarded = escape_formula(cell)

    assert guarded == f"'{cell}"
    assert unescape_formula(guarded) == cell


@pytest.mark.parametrize("cell", ["", "1", "a=1", "1+1", "a@b", " =1", "'", "'a", "\N{FULLWIDTH LOW LINE}1"])
def test_what_no_spreadsheet_takes_for_a_formula_stays_as_it_is(cell: str) -> None:
    assert (escape_formula(cell), unescape_formula(cell)) == (cell, cell)
