"""The report's plots, as inline SVG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
from django.utils.translation import gettext as _
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

mpl.use("Agg")

MARKERS = ("o", "s", "^", "D", "v", "P")
# The colour-blind safe palette of Okabe and Ito.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
LABEL_PIXELS = 11.0


@dataclass(frozen=True, slots=True)
class Point:
    """A row in a plot: its figure with the confidence interval, and its cost."""

    name: str
    chapter: str
    cost: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot of a figure: points and axis labels."""

    points: Sequence[Point]
    cost_label: str
    value_label: str


def frontier(points: Sequence[Point]) -> list[Point]:
    """Return the Pareto frontier, cheapest first: the points that no other of equal or lower cost surpasses."""
    best: list[Point] = []
    for point in sorted(points, key=lambda point: (point.cost, -point.value)):
        if not best or point.value > best[-1].value:
            best.append(point)
    return best


def pareto_svg(panels: Sequence[Panel]) -> str:
    """Return the panels, stacked vertically, as one SVG element."""
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "laboratory", "font.size": 9}):
        figure = Figure(figsize=(8.6, 5.2 * len(panels)), layout="constrained")
        for place, panel in enumerate(panels):
            axes = figure.add_subplot(len(panels), 1, place + 1)
            _draw(axes, panel)
            if place == 0:
                figure.legend(loc="outside upper center", ncols=4, fontsize=8, frameon=False)
        # Labels are placed in pixels, so the layout must be computed first.
        figure.draw_without_rendering()
        for axes, panel in zip(figure.axes, panels, strict=True):
            _name(axes, panel.points)
        return _svg(figure)


def _draw(axes: Axes, panel: Panel) -> None:
    chapters = list(dict.fromkeys(point.chapter for point in panel.points))
    for place, chapter in enumerate(chapters):
        points = [point for point in panel.points if point.chapter == chapter]
        axes.errorbar(
            [point.cost for point in points],
            [point.value for point in points],
            yerr=[[point.value - point.low for point in points], [point.high - point.value for point in points]],
            fmt=MARKERS[place % len(MARKERS)],
            color=COLOURS[place % len(COLOURS)],
            elinewidth=0.7,
            alpha=0.9,
            label=chapter,
        )
    best = frontier(panel.points)
    axes.step(
        [point.cost for point in best],
        [point.value for point in best],
        where="post",
        color="#666666",
        linewidth=1,
        linestyle="--",
        label=_("Pareto frontier"),
    )
    axes.set_xscale("log")
    for side in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
        side(FuncFormatter(lambda value, _place: f"{value:g}"))
    axes.set_xlabel(panel.cost_label)
    axes.set_ylabel(panel.value_label)
    axes.grid(visible=True, which="both", linewidth=0.3, alpha=0.6)
    # Room for labels on the right.
    axes.set_xlim(right=1.35 * max(point.cost for point in panel.points))


def _name(axes: Axes, points: Sequence[Point]) -> None:
    """Label each point with its row's name, moved down to avoid overlaps."""
    taken: list[tuple[float, float]] = []
    for point in sorted(points, key=lambda point: -point.value):
        x, y = axes.transData.transform((point.cost, point.value))
        # A label is about nine line heights wide.
        while any(
            abs(y - other_y) < LABEL_PIXELS and abs(x - other_x) < 9 * LABEL_PIXELS for other_x, other_y in taken
        ):
            y -= LABEL_PIXELS
        taken.append((x, y))
        text_x, text_y = axes.transData.inverted().transform((x + 8, y - 3))
        axes.annotate(
            point.name,
            (point.cost, point.value),
            (text_x, text_y),
            fontsize=7.5,
            arrowprops={"arrowstyle": "-", "linewidth": 0.3, "color": "#888888", "shrinkA": 0, "shrinkB": 2},
        )


def _svg(figure: Figure) -> str:
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    text = written.getvalue()
    # Drop the XML declaration and doctype: the element is inlined into HTML.
    return text[text.index("<svg") :]
