"""Tables of results, as plain text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab.benchmarks.baselines.collection import NO_FILTER, SELECTIVITIES
from lab.benchmarks.baselines.entrants import ENTRANTS
from lab.benchmarks.baselines.process import LIMIT, PAGE
from lab.benchmarks.baselines.rows import Row
from lab.harness.synthetic_vectors import QUANTILES

COLUMNS = (
    ("index", 12),
    ("filter", -7),
    ("build s", -9),
    ("open s", -7),
    ("memory MB", -10),
    ("disk MB", -8),
    ("p50 ms", -9),
    ("p99 ms", -9),
    ("× Flat", -8),
    (f"recall@{LIMIT}", -10),
)


def as_text(measured: dict[str, Any]) -> str:
    """Return all tables, with notes."""
    machine, asked = measured["machine"], measured["asked"]
    rows: list[Row] = measured["rows"]
    sizes = [[row for row in rows if row["count"] == count] for count in sorted({row["count"] for row in rows})]
    parts = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']:.0f} GB; Python {machine['python']};"
        f" {asked['queries']} queries on one thread, vectors of {asked['dimensions']} numbers",
        likeness(measured["likeness"], asked["real"]),
        *map(table_of_size, sizes),
        under_filters(rows),
        notes(rows),
    ]
    return "\n\n".join(part for part in parts if part)


def likeness(ranks: list[dict[str, Any]], source: str) -> str:
    """Return the table that compares neighbour similarities of synthetic and real vectors."""
    lines = [f"Made vectors beside the real ones that they are made of ({source}): similarity to a neighbour"]
    heads = "".join(f"{f'{quantile:.0%} below':>12s}" for quantile in QUANTILES)
    lines.append(f"{'neighbour':12s} {'of':6s}{heads}")
    lines += [
        f"{each['rank']:<12d} {kind:6s}" + "".join(f"{value:12.3f}" for value in each[kind])
        for each in ranks
        for kind in ("real", "made")
    ]
    return "\n".join(lines)


def table_of_size(rows: list[Row]) -> str:
    flat = next((row for row in rows if row["baseline"] == "flat" and row["state"] == "done"), None)
    lines = [f"{rows[0]['count']:,} vectors; in brackets the cores of a build", line(*(name for name, _ in COLUMNS))]
    for row in rows:
        lines.extend(lines_of(row, flat))
    return "\n".join(lines)


def lines_of(row: Row, flat: Row | None) -> Iterator[str]:
    """Yield a baseline's lines: without a filter, and under each."""
    title = ENTRANTS[row["baseline"]].title
    if row["state"] != "done":
        yield f"{title:12s} {row['state']}: {row['why']}"
        return
    megabytes = (f"{row[name] / 1e6:.1f}" for name in ("memory_bytes", "disk_bytes"))
    head = [title, "none", f"{row['build_s']:.1f} ({row['build_cores']})", f"{row['open_s']:.2f}", *megabytes]
    for place, point in enumerate([row["best"], *row["filtered"]]):
        beside = [flat["best"], *flat["filtered"]][place]["p50_ms"] / point["p50_ms"] if flat else None
        start = head if place == 0 else ["", f"{point['below'] / 100:g} %", "", "", "", ""]
        times = f"{point['p50_ms']:.3f}", f"{point['p99_ms']:.3f}", "" if beside is None else f"{beside:.2f}"
        yield line(*start, *times, f"{point['recall']:.3f}")


def line(*cells: str) -> str:
    """Return the cells padded to COLUMNS; negative widths are right-aligned."""
    widths = [width for _, width in COLUMNS]
    padded = (f"{cell:{'>' if width < 0 else '<'}{abs(width)}s}" for cell, width in zip(cells, widths, strict=True))
    return " ".join(padded).rstrip()


def under_filters(rows: list[Row]) -> str:
    """Return the table of recall@20 and processor time at each selectivity; "" if it was not measured."""
    measured = [row for row in rows if row.get("under_filters")]
    names = [name for name in ENTRANTS if any(row["baseline"] == name for row in measured)]
    lines = [f"Under filters: recall@{PAGE}, and the median of a search's processor time in ms"]
    lines.append(f"{'vectors':>10s} {'pass':>6s}" + "".join(f"{ENTRANTS[name].title:>16s}" for name in names))
    for count in sorted({row["count"] for row in measured}):
        of_size = {row["baseline"]: row["under_filters"] for row in measured if row["count"] == count}
        for place, below in enumerate(SELECTIVITIES):
            points = [of_size[name][place] if name in of_size else None for name in names]
            cells = [f"{point['recall']:.4f} {point['processor_ms']:8.2f}" if point else "" for point in points]
            passing = "all" if below == NO_FILTER else f"{below / 100:g} %"
            lines.append(f"{count:10,} {passing:>6s}" + "".join(f"{cell:>16s}" for cell in cells).rstrip())
    return "\n".join(lines) if measured else ""


def notes(rows: list[Row]) -> str:
    """Return a line for each baseline: package, chosen settings, and how it applies a filter."""
    lines = []
    for name, entrant in ENTRANTS.items():
        done = [row for row in rows if row["baseline"] == name and row["state"] == "done"]
        if not done:
            continue
        chosen = ", ".join(f"{row['best']['setting']} at {row['count']:,}" for row in done)
        setting = f" {entrant.setting_name} {chosen};" if entrant.setting_name else ""
        about = "; ".join(dict.fromkeys(row["about"] for row in done if row["about"]))
        lines.append(f"{entrant.title} ({done[-1]['package']}):{setting} {entrant.note}{'; ' if about else ''}{about}")
    return "\n".join(lines)
