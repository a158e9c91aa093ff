"""Tables of results, as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.benchmarks.freshness_parts.saving import Save
from lab.benchmarks.serving.tables import at

# Goals as (quantile, seconds from commit to found).
GOALS = ((0.95, 2.0), (0.99, 5.0))
BUCKETS_S = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
BAR = 40


def found_in_all(founds: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """Return when each photo was found by the last process, by its number; only photos that all of them found."""
    numbers = set.intersection(*(set(found) for found in founds))
    return {number: max(found[number] for found in founds) for number in numbers}


def rate_kept(saves: Sequence[Save]) -> float:
    """Return the saves per second between the first and the last commit; 0 for a single save."""
    span = saves[-1].committed - saves[0].committed
    return (len(saves) - 1) / span if span > 0 else 0.0


def freshness_table(
    saves: Sequence[Save], founds: Sequence[Mapping[int, float]], written: Mapping[int, float], requests: int
) -> str:
    """Return the table of seconds from commit to found, and their parts, for photos that every process found."""
    last = found_in_all(founds)
    seen = [save for save in saves if save.number in last]
    delays = [last[save.number] - save.committed for save in seen]
    parts = {
        "commit to found in all": delays,
        "found in the first": [min(found[save.number] for found in founds) - save.committed for save in seen],
        "commit to vector": [written[save.number] - save.committed for save in seen],
        "vector to found in all": [last[save.number] - written[save.number] for save in seen],
    }
    late = max(save.committed - save.due for save in saves)
    lines = [
        f"{len(saves)} saves at {rate_kept(saves):.2f} a second, the latest commit {late:.2f} s behind its schedule; "
        f"{len(founds)} web processes, {requests} searches by the probes",
        f"found in all {len(last)}, never found {len(saves) - len(last)}",
        f"{'seconds':24s}{'p50':>8s}{'p95':>8s}{'p99':>8s}{'max':>8s}",
    ]
    for name, values in parts.items():
        ordered = sorted(values)
        lines.append(f"{name:24s}" + "".join(f"{at(ordered, share):8.2f}" for share in (0.5, 0.95, 0.99, 1.0)))
    for share, goal in GOALS:
        measured = at(sorted(delays), share)
        met = "met" if len(last) == len(saves) and measured < goal else "missed"
        lines.append(f"goal: p{share * 100:.0f} under {goal:g} s: {met} ({measured:.2f} s)")
    return "\n".join([*lines, *histogram(delays)])


def histogram(delays: Sequence[float]) -> list[str]:
    """Return the histogram, one line per bucket, up to the last non-empty bucket."""
    uppers = [*BUCKETS_S, float("inf")]
    counts = [
        sum(low <= delay < high for delay in delays)
        for low, high in zip([float("-inf"), *BUCKETS_S], uppers, strict=True)
    ]
    used = max((place for place, count in enumerate(counts) if count), default=-1) + 1
    most = max(counts)
    return [
        f"{f'under {upper:g} s' if upper != float('inf') else f'from {BUCKETS_S[-1]:g} s':>12s}{count:7d}  "
        + "#" * -(-count * BAR // most)
        for upper, count in zip(uppers[:used], counts[:used], strict=True)
    ]
