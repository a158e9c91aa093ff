"""Model cards of finished experiments, the input of timing, reports and comparisons. Imports no TensorFlow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lab.evaluation.cases import Cases, Report
from lab.experiments.plan import PLAN, TOLD
from visualsearch.inference.artefact import CARD_FILE


@dataclass(frozen=True)
class RowCard:
    """A finished row's model card. `facts` is its content; `folder` is the artefact's, which may have been deleted."""

    facts: Mapping[str, Any]
    folder: Path

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def lab(self) -> dict[str, Any]:
        """The facts of the experiment, which other model cards do not have."""
        return dict(self.facts["lab"])

    @property
    def plan(self) -> dict[str, Any]:
        """The plan's row as it was run; the fields in TOLD are those of the current plan."""
        values = {"beside": None, **self.lab["plan"]}
        row = next((row for row in PLAN if row.name == self.name), None)
        return values if row is None else values | {name: getattr(row, name) for name in TOLD}

    @property
    def chapter(self) -> str:
        return str(self.plan["chapter"])

    @property
    def file_bytes(self) -> int:
        return int(self.facts["bytes"]["model.tflite"])

    @property
    def compressed_bytes(self) -> int:
        return int(self.lab["compressed_bytes"])

    @property
    def timing(self) -> Mapping[str, Any] | None:
        """The figures of `lab time`, if it was run."""
        return self.lab.get("timing")

    @cached_property
    def cases(self) -> Cases:
        return Cases.from_dict(self.lab["cases"])

    @cached_property
    def report(self) -> Report:
        return self.cases.report()


def facts_in(folder: Path) -> dict[str, Any]:
    """Return the model card of a finished row; empty if it is not finished."""
    file = folder / CARD_FILE
    facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return facts if _is_finished(facts) else {}


def read_cards(folder: Path) -> list[RowCard]:
    """Return the cards in a folder, in the plan's order: of rows' subfolders, or single files named ROW.json.

    Raises ValueError if there are none.
    """
    cards = []
    for file in sorted([*folder.glob("*.json"), *folder.glob(f"*/{CARD_FILE}")]):
        facts = json.loads(file.read_text(encoding="utf-8"))
        if _is_finished(facts):
            cards.append(RowCard(facts, file.parent))
    if not cards:
        raise ValueError(f"There is no card of a finished row in {folder}: make rows with `lab run`.")
    places = {row.name: place for place, row in enumerate(PLAN)}
    return sorted(cards, key=lambda card: (places.get(card.name, len(places)), card.name))


def read_card(named: str, folder: Path) -> RowCard:
    """Return a card by its row's name in a folder, or by the path of its folder or file.

    Raises ValueError if there is none, or it is not a row's card.
    """
    tried = [Path(named), Path(named) / CARD_FILE, folder / named / CARD_FILE, folder / f"{named}.json"]
    for file in tried:
        if file.is_file():
            facts = json.loads(file.read_text(encoding="utf-8"))
            if not _is_finished(facts):
                raise ValueError(f"{file} keeps no cases: only rows that `lab run` made can be compared.")
            return RowCard(facts, file.parent)
    raise ValueError(f"There is no row {named!r} in {folder}, and no folder of that name with a card.")


def _is_finished(facts: Any) -> bool:
    return isinstance(facts, dict) and "cases" in facts.get("lab", {})
