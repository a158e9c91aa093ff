"""Tables of results, as plain text."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from lab.benchmarks.serving.clients import Tally

# The server that each one's throughput is compared with.
BESIDE = {"shop": "course", "gathered": "shop"}


def throughput_table(
    tallies: Mapping[tuple[str, int], Sequence[Tally]], clients: Sequence[int], gunicorn: Mapping[str, int]
) -> str:
    """Return the table of throughput (median of the rounds) and latencies, by server and number of clients."""
    names = list(dict.fromkeys(name for name, _ in tallies))
    rounds = len(next(iter(tallies.values())))
    lines = [
        f"Requests a second over HTTP, {gunicorn['workers']} processes of {gunicorn['threads']} threads each; "
        f"{rounds} rounds in turn, medians",
        f"{'clients':>7s}  {'server':8s}{'a second':>10s}{'all rounds':>16s}{'p50 ms':>9s}{'p95 ms':>9s}{'failed':>8s}",
    ]
    for count in clients:
        rates = {name: statistics.median(map(rate, tallies[name, count])) for name in names}
        for name in names:
            all_ms = sorted(lap for tally in tallies[name, count] for lap in tally.latencies_ms)
            failed = sum(tally.failed for tally in tallies[name, count])
            other = BESIDE.get(name, "")
            times = f"{rates[name] / rates[other]:8.2f} × {other}" if rates.get(other) else ""
            middle, slow = at(all_ms, 0.5), at(all_ms, 0.95)
            of_rounds = [rate(tally) for tally in tallies[name, count]]
            spread = f"[{min(of_rounds):.1f}, {max(of_rounds):.1f}]"
            lines.append(
                f"{count:7d}  {name:8s}{rates[name]:10.1f}{spread:>16s}{middle:9.0f}{slow:9.0f}{failed:8d}{times}"
            )
    lines += [f"{name} failed: {tally.why}" for (name, _), each in tallies.items() for tally in each if tally.why]
    return "\n".join(lines)


def rate(tally: Tally) -> float:
    return len(tally.latencies_ms) / tally.seconds


def at(ordered: Sequence[float], share: float) -> float:
    """Return the quantile `share` (0 to 1) of sorted values; 0 if there are none."""
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def engines_table(
    medians: Mapping[tuple[str, int], float], cosines: Mapping[str, float], batch: int, rounds: int
) -> str:
    """Return the table of each engine's latency in ms per photo, alone and in batches, and its cosine to float32."""
    base = medians["LiteRT int8", 1]
    lines = [
        f"The same network on one thread, inference alone, {rounds} rounds in turn; medians in ms a photo",
        f"{'engine':22s}{'one':>8s}{f'of {batch}':>8s}{'one / batch':>13s}"
        f"{'times LiteRT int8':>19s}{'cosine to float32':>19s}",
    ]
    for name, cosine in cosines.items():
        one, several = medians[name, 1], medians[name, batch] / batch
        lines.append(f"{name:22s}{one:8.2f}{several:8.2f}{one / several:13.2f}{base / one:19.2f}{cosine:19.4f}")
    return "\n".join(lines)
