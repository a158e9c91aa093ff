"""Plots of results: recall against latency for each size, and latency against size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from lab.benchmarks.baselines.entrants import ENTRANTS, OURS
from lab.benchmarks.baselines.process import LIMIT
from lab.benchmarks.baselines.rows import Row

mpl.use("Agg")

# The colour-blind safe palette of Okabe and Ito, and a grey; the shop's own index is red.
COLOURS = ("#d55e00", "#000000", "#0072b2", "#56b4e9", "#009e73", "#e69f00", "#cc79a7", "#f0e442", "#999999")
MARKERS = "osD^v<>PX"
STYLES: dict[str, dict[str, Any]] = {
    name: {"color": colour, "marker": marker, "label": entrant.title, "zorder": 3 if name == OURS else 2}
    for (name, entrant), colour, marker in zip(ENTRANTS.items(), COLOURS, MARKERS, strict=True)
}
PANEL_INCHES = (5.5, 5.0)
# Lower limit of the recall axis: less is of no use.
LOWEST = 0.5


def draw(rows: list[Row], path: Path) -> None:
    """Plot the finished rows into an image file; the path's suffix selects the format."""
    counts = sorted({row["count"] for row in rows})
    panels = len(counts) + 1
    figure = Figure(figsize=(PANEL_INCHES[0] * panels, PANEL_INCHES[1]), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    for panel, count in zip(axes, counts, strict=False):
        draw_recall(panel, [row for row in rows if row["count"] == count], f"{count:,} vectors, no filter")
    draw_times(axes[-1], rows)
    figure.savefig(path, dpi=110)


def draw_recall(panel: Axes, rows: list[Row], title: str) -> None:
    """Draw recall against median latency, a curve for each baseline through its settings."""
    for row in rows:
        points = row["points"]
        times, recalls = [point["p50_ms"] for point in points], [point["recall"] for point in points]
        panel.plot(times, recalls, **STYLES[row["baseline"]])
    panel.set(xscale="log", title=title, xlabel="median search, ms", ylabel=f"recall@{LIMIT}")
    panel.set_ylim(max(LOWEST, panel.get_ylim()[0]), 1.01)
    finish(panel)


def draw_times(panel: Axes, rows: list[Row]) -> None:
    """Draw median latency against size, a curve for each baseline, at the best setting."""
    for name, style in STYLES.items():
        of_baseline = sorted((row for row in rows if row["baseline"] == name), key=lambda row: int(row["count"]))
        if of_baseline:
            panel.plot([row["count"] for row in of_baseline], [row["best"]["p50_ms"] for row in of_baseline], **style)
    panel.set(xscale="log", yscale="log", title="time against size", xlabel="vectors", ylabel="median search, ms")
    panel.xaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda milliseconds, _: f"{milliseconds:g}"))
    panel.legend(fontsize="small")
    finish(panel)


def finish(panel: Axes) -> None:
    panel.grid(alpha=0.3, which="both")
    panel.spines[["top", "right"]].set_visible(False)
