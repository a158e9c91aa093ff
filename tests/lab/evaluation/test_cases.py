from __future__ import annotations

import json

import numpy as np
import pytest

from lab.evaluation.cases import Cases, Categories, digest_of
from lab.evaluation.paired import difference_of, differences


def _cases(predicted: str, ranks: list[int], photos: str = "abcd") -> Cases:
    """Return cases of photos of one letter each, whose truth is "aabb"."""
    said = Categories(tuple("aabb"), tuple(predicted), np.array([0.91234, 0.5, 0.6, 1.0]))
    digest = digest_of(list(photos))
    found = np.array([rank < 5 for rank in ranks])
    return Cases(said, {"Luma": np.array(ranks)}, {"category": digest, "Luma": digest}, hits={"found": found})


def test_figures_come_from_the_cases() -> None:
    report = _cases("aaba", [0, 3, 7, 20]).report()

    assert report.category is not None
    assert (report.category.value, report.category.count) == (0.75, 4)
    assert {limit: share.value for limit, share in report.recall["Luma"].items()} == {1: 0.25, 5: 0.5, 10: 0.75}


def test_cases_come_back_from_a_card_as_they_were() -> None:
    cases = _cases("aabc", [0, 3, 7, 20])

    kept = Cases.from_dict(json.loads(json.dumps(cases.as_dict())))

    assert kept.categories is not None
    assert kept.categories.truth == tuple("aabb")
    assert kept.categories.predicted == tuple("aabc")
    assert kept.categories.probability.tolist() == [0.9123, 0.5, 0.6, 1.0]
    assert kept.ranks["Luma"].tolist() == [0, 3, 7, 20]
    assert kept.judged == cases.judged
    assert kept.hits["found"].tolist() == [True, True, False, False]


def test_cards_without_hits_are_read() -> None:
    values = _cases("aabc", [0, 3, 7, 20]).as_dict()
    del values["hits"]

    assert Cases.from_dict(values).hits == {}


def test_cases_of_two_judgements_join() -> None:
    both = Cases(None, {"Luma": np.array([1])}, {"Luma": "l"}) | Cases(None, {"made": np.array([2])}, {"made": "m"})

    assert (list(both.ranks), dict(both.judged)) == (["Luma", "made"], {"Luma": "l", "made": "m"})


def test_what_always_wins_the_same_cases_is_really_better() -> None:
    first, second = np.arange(100) < 60, np.arange(100) < 70

    paired = difference_of("category", first, second)

    assert (paired.first, paired.second, paired.count) == (0.6, 0.7, 100)
    assert paired.value == pytest.approx(0.1)
    # Ten wins of a hundred: √(0.1 × 0.9 / 100) = 0.03, where two separate intervals would add up to 0.067.
    assert paired.low == pytest.approx(0.1 - 1.96 * 0.03, abs=0.012)
    assert paired.high == pytest.approx(0.1 + 1.96 * 0.03, abs=0.012)
    assert paired.is_real


def test_as_many_wins_as_losses_are_no_difference() -> None:
    cases = np.arange(100)

    assert not difference_of("category", cases < 50, cases >= 48).is_real


def test_nothing_parts_models_that_are_right_of_the_same_cases() -> None:
    cases = np.arange(100)

    assert difference_of("category", cases < 50, cases < 50).is_none
    assert not difference_of("category", cases < 50, cases >= 50).is_none


def test_shares_of_cases_are_paired_too() -> None:
    """Of eight results each, a case in four has two more of the right kind."""
    first = np.full(80, 0.5)
    second = np.where(np.arange(80) % 4 == 0, 0.75, 0.5)

    paired = difference_of("kind@8", first, second)

    assert paired.first == 0.5
    assert paired.value == pytest.approx(0.0625)
    # A step of .25 with the chance 1 in 4: .25 × √(0.25 × 0.75 / 80) = 0.0121.
    assert paired.low == pytest.approx(0.0625 - 1.96 * 0.0121, abs=0.005)
    assert paired.high == pytest.approx(0.0625 + 1.96 * 0.0121, abs=0.005)
    kept = Cases.from_dict(json.loads(json.dumps(Cases(None, {}, {}, hits={"kind@8": second}).as_dict())))
    assert kept.hits["kind@8"].tolist() == second.tolist()


def test_only_the_same_photos_can_be_compared() -> None:
    first, second = _cases("aabb", [0, 0, 0, 0]), _cases("aaaa", [0, 0, 9, 9])

    assert [(found.name, found.value) for found in differences(first, second)] == [
        ("category", -0.5),
        ("Luma recall@1", -0.5),
        ("Luma recall@5", -0.5),
        ("Luma recall@10", 0.0),
        ("found", -0.5),
    ]
    with pytest.raises(ValueError, match="judged by other photos"):
        differences(first, _cases("aaaa", [0, 0, 9, 9], photos="wxyz"))
