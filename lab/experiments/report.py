"""The experiments' report: one self-contained HTML page, rendered from the rows' cards alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from lab.evaluation.luma import LUMA
from lab.evaluation.protocol import MADE_QUERIES
from lab.experiments import figures
from lab.experiments.cards import RowCard
from lab.experiments.claims import Kept, brought_by, kept_by
from lab.experiments.mistakes import Mistake, worst_mistakes
from lab.experiments.plan import Chapter
from lab.experiments.plots import Panel, Point, pareto_svg
from visualsearch.inference.postprocess import name_of
from visualsearch.services.labels import in_words

# The row whose confusion matrix and mistakes are shown, if it exists: the network that the shop serves.
SHOWN_ROW = "int8"
SHADES = 5


def render(cards: Sequence[RowCard], language: str, data: Path | None = None) -> str:
    """Return the HTML report of finished rows in a language. With the photos in `data` it shows the worst mistakes."""
    shown = next((card for card in cards if card.name == SHOWN_ROW), None) or max(cards, key=_accuracy)
    comparisons = kept_by(cards)
    with override(language):
        context = {
            "language": language,
            "chapters": [_chapter(name, cards, comparisons) for name in get_args(Chapter)],
            "header": figures.header(),
            "claim_header": figures.claim_header(),
            "claims": figures.claim_summaries(comparisons),
            "beside_header": figures.beside_header(),
            "brought": [
                {"name": row.name, "title": title_of(row), "cells": figures.beside_cells(beside, found)}
                for row, beside, found in brought_by(cards)
            ],
            "timings": sorted({card.timing["at"] for card in cards if card.timing}),
            "plots": _plots(cards),
            "shown": shown,
            "confusion": _confusion(shown),
            "mistakes": [_in_words(mistake) for mistake in worst_mistakes(shown, data)],
            "operators": [_operators(card) for card in cards],
            "rows": [_reproduced(card) for card in cards],
            "data": cards[0].facts["data"],
        }
        return render_to_string("lab/report.html", context)


def _accuracy(card: RowCard) -> float:
    return 0.0 if card.report.category is None else card.report.category.value


def title_of(card: RowCard) -> str:
    """Return a row's title in the page's language."""
    title: str = card.plan["title"]
    return _(title)


def _chapter_titles() -> dict[str, str]:
    return {
        "architectures": _("Architectures"),
        "quantisation": _("Quantisation"),
        "pruning": _("Pruning"),
        "distillation": _("Distillation"),
        "folding": _("Batch-norm folding"),
        "combination": _("Combination"),
    }


def _chapter(name: str, cards: Sequence[RowCard], kept: Sequence[Kept]) -> dict[str, Any]:
    return {
        "name": name,
        "title": _chapter_titles()[name],
        "rows": [
            {"name": card.name, "title": title_of(card), "cells": figures.row_cells(card)}
            for card in cards
            if card.chapter == name
        ],
        "claims": [
            {"name": row.row.name, "title": title_of(row.row), "cells": figures.claim_cells(row)}
            for row in kept
            if row.row.chapter == name
        ],
    }


def _plots(cards: Sequence[RowCard]) -> list[dict[str, str]]:
    """Return the Pareto plots by file size and, if all rows are timed, by latency."""
    costs = [(_("Size of the file, MB"), {card.name: card.file_bytes / 1e6 for card in cards})]
    if all(card.timing for card in cards):
        costs.append((_("One photo, ms"), {card.name: float((card.timing or {})["one_photo_ms"]) for card in cards}))
    plots = []
    for label, cost in costs:
        panels = [
            Panel(points, label, value_label)
            for value_label, points in (
                (_("Category accuracy"), _points(cards, cost, None)),
                (_("Augmented queries, recall@1"), _points(cards, cost, MADE_QUERIES)),
                (_("Luma, recall@1"), _points(cards, cost, LUMA)),
            )
            if points
        ]
        names = ", ".join(panel.value_label for panel in panels)
        plots.append(
            {"title": _("%(figures)s by: %(cost)s") % {"figures": names, "cost": label}, "svg": pareto_svg(panels)}
        )
    return plots


def _points(cards: Sequence[RowCard], cost: dict[str, float], queries: str | None) -> list[Point]:
    titles = _chapter_titles()
    values = [(card, card.report.recall.get(queries, {}).get(1) if queries else card.report.category) for card in cards]
    return [
        Point(card.name, titles[card.chapter], cost[card.name], share.value, share.low, share.high)
        for card, share in values
        if share is not None
    ]


def _confusion(card: RowCard) -> dict[str, Any]:
    """Return the confusion matrix, rows by true category; a cell's shade is its share of the row."""
    categories = card.cases.categories
    if categories is None:
        return {}
    labels = sorted({*categories.truth, *categories.predicted})
    rows = []
    for truth in labels:
        calls = [label for true, label in zip(categories.truth, categories.predicted, strict=True) if true == truth]
        counts = [calls.count(label) for label in labels]
        shades = [round(SHADES * count / len(calls)) if calls else 0 for count in counts]
        rows.append(
            {
                "label": in_words(name_of(truth)),
                "cells": [
                    {"count": count, "shade": shade, "right": label == truth}
                    for count, shade, label in zip(counts, shades, labels, strict=True)
                ],
            }
        )
    return {"labels": [in_words(name_of(label)) for label in labels], "rows": rows}


def _in_words(mistake: Mistake) -> Mistake:
    return replace(mistake, truth=in_words(name_of(mistake.truth)), said=in_words(name_of(mistake.said)))


def _operators(card: RowCard) -> dict[str, str]:
    lab = card.lab
    return {
        "name": card.name,
        "before": _counted(lab.get("layers_before_folding")),
        "after": _counted(lab["layers"]),
        "file": _counted(lab["operators"]),
    }


def _counted(counts: dict[str, int] | None) -> str:
    if counts is None:
        return figures.MISSING
    listed = ", ".join(f"{name} {count}" for name, count in counts.items())
    return f"{sum(counts.values())}: {listed}"


def _reproduced(card: RowCard) -> dict[str, Any]:
    plan, weights = card.plan, card.facts["initial_weights"]
    settings = {name: plan[name] for name in ("technique", "parent", "options", "size", "kind", "sparse") if plan[name]}
    return {
        "name": card.name,
        "title": title_of(card),
        "command": card.lab["command"],
        "recipe": json.dumps(settings | {"recipe": card.facts["made"]["recipe"]}, ensure_ascii=False),
        "seed": card.facts["made"]["recipe"].get("seed", figures.MISSING),
        "weights": f"{weights['file']} {weights['sha256'] or ''}".strip(),
        "origin": weights["origin"],
        "data": card.facts["data"]["origin"],
        "minutes": figures.number(card.lab["core_seconds"] / 60, 1),
    }
