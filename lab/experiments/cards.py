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
    """A finished row's card. `facts` is all of it; `folder` its artefact's, which need not be there any more."""

    facts: Mapping[str, Any]
    folder: Path

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def lab(self) -> dict[str, Any]:
        """What the laboratory says of the row beyond what every card says."""
        return dict(self.facts["lab"])

    @property
    def plan(self) -> dict[str, Any]:
        """The row of the plan that was made; how it is told is the plan's of today."""
        kept = {"beside": None, **self.lab["plan"]}
        row = next((row for row in PLAN if row.name == self.name), None)
        return kept if row is None else kept | {name: getattr(row, name) for name in TOLD}

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
        """What `lab time` measured, if it did."""
        return self.lab.get("timing")

    @cached_property
    def cases(self) -> Cases:
        return Cases.from_dict(self.lab["cases"])

    @cached_property
    def report(self) -> Report:
        return self.cases.report()


def facts_in(folder: Path) -> dict[str, Any]:
    """Return what the card of a finished row says; nothing if it is not finished."""
    file = folder / CARD_FILE
    facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return facts if _is_finished(facts) else {}


def read_cards(folder: Path) -> list[RowCard]:
    """Return the cards of a folder, in the plan's order: of rows' folders in it, or cards alone, named ROW.json.

    Raises ValueError if there are none.
    """
    found = []
    for file in sorted([*folder.glob("*.json"), *folder.glob(f"*/{CARD_FILE}")]):
        facts = json.loads(file.read_text(encoding="utf-8"))
        if _is_finished(facts):
            found.append(RowCard(facts, file.parent))
    if not found:
        raise ValueError(f"There is no card of a finished row in {folder}: make rows with `lab run`.")
    places = {row.name: place for place, row in enumerate(PLAN)}
    return sorted(found, key=lambda card: (places.get(card.name, len(places)), card.name))


def read_card(named: str, folder: Path) -> RowCard:
    """Return a card by its row's name in a folder, or by its own folder or file.

    Raises ValueError if it is no card of a row.
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
