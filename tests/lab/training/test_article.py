"""The committed cards, and the article that tells of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import override

from lab.experiments.cards import read_cards
from lab.experiments.figures import summary
from lab.experiments.plan import PLAN

DOCS = Path(settings.BASE_DIR) / "docs"


def test_each_row_of_the_plan_has_a_card_of_it_made_within_twenty_core_minutes() -> None:
    cards = {card.name: card for card in read_cards(DOCS / "lab")}

    for row in PLAN:
        assert cards[row.name].plan == json.loads(json.dumps(asdict(row)))
        assert cards[row.name].lab["core_seconds"] <= 20 * 60
    assert len(cards) == len(PLAN)
    assert len({card.timing["at"] for card in cards.values() if card.timing}) == 1


@pytest.mark.parametrize(("language", "name"), [("en", "lab.md"), ("fr", "lab.fr.md")])
def test_the_articles_table_is_what_the_report_prints(language: str, name: str) -> None:
    article = (DOCS / name).read_text(encoding="utf-8")

    with override(language):
        table = "\n".join(summary(read_cards(DOCS / "lab")))

    assert f"<!-- rows -->\n\n{table}\n\n<!-- /rows -->" in article
