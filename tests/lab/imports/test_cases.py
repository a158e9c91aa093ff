"""Files as shops export them: each case of lab/imports/cases.toml comes out as it must."""

from __future__ import annotations

import pytest

from lab.imports.cases import Case, differences, read_cases

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_a_file_means_what_it_says(case: Case) -> None:
    assert differences(case) == []


def test_a_case_that_comes_out_otherwise_is_told() -> None:
    case = Case("wrong", "sku,price\na,1\nb,x\n", articles=["a: price=2.00", "c: price=1.00"], refused=["3: dear"])

    assert differences(case) == [
        "refused: 3: price: “x” is not a price. Write it as 1299.00 or as 1299.00 EUR., not 3: dear",
        "a: price is '1.00', not '2.00'",
        "c is not there",
    ]


def test_each_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in read_cases()]

    assert len(names) == len(set(names)) > 100
