"""A course's claims about quantisation, pruning and distillation, tested against the experiments' results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lab.evaluation.luma import LUMA
from lab.evaluation.paired import CATEGORY, Difference, differences
from lab.evaluation.protocol import MADE_QUERIES
from lab.experiments.cards import RowCard

Verdict = Literal["holds", "fails", "open"]

LARGEST_SHARE = 0.25
LEAST_SPEED = 2.0
LARGEST_LOSS = 0.02
# Allowance for the rounding in the course's claim.
TOLERANCE = 0.01
SHOWN = (CATEGORY, f"{MADE_QUERIES} recall@1", f"{LUMA} recall@1")


@dataclass(frozen=True, slots=True)
class Kept:
    """A row compared with its reference: relative size, relative compressed size, speed-ups, accuracy differences.

    `speed_one` and `speed_batch` are None if the two were not timed in the same run.
    """

    row: RowCard
    reference: RowCard
    size: float
    compressed: float
    speed_one: float | None
    speed_batch: float | None
    differences: Sequence[Difference]

    @property
    def loss_verdict(self) -> Verdict:
        """The verdict over all figures: the worst one."""
        verdicts = [verdict_of(difference) for difference in self.differences]
        return "fails" if "fails" in verdicts else "open" if "open" in verdicts else "holds"

    @property
    def size_verdict(self) -> Verdict:
        return "holds" if self.size <= LARGEST_SHARE + TOLERANCE else "fails"

    @property
    def compressed_verdict(self) -> Verdict:
        return "holds" if self.compressed <= LARGEST_SHARE + TOLERANCE else "fails"

    @property
    def speed_verdict(self) -> Verdict:
        """By the better speed-up of one photo and a batch; "open" if not timed in the same run."""
        if self.speed_one is None or self.speed_batch is None:
            return "open"
        return "holds" if max(self.speed_one, self.speed_batch) >= LEAST_SPEED else "fails"


def verdict_of(difference: Difference) -> Verdict:
    """Return whether at most LARGEST_LOSS is lost (non-inferiority); "open" if the interval contains the limit."""
    if difference.low >= -LARGEST_LOSS:
        return "holds"
    return "fails" if difference.high < -LARGEST_LOSS else "open"


def kept_by(cards: Sequence[RowCard]) -> list[Kept]:
    """Return the comparison of each row with its reference, if that is among the cards."""
    by_name: Mapping[str, RowCard] = {card.name: card for card in cards}
    pairs = [(card, by_name.get(card.plan["reference"] or "")) for card in cards]
    return [_kept(card, reference) for card, reference in pairs if reference is not None]


def brought_by(cards: Sequence[RowCard]) -> list[tuple[RowCard, RowCard, Sequence[Difference]]]:
    """Return each row, its ablation baseline (`beside`) if among the cards, and the row's gains over that baseline."""
    by_name: Mapping[str, RowCard] = {card.name: card for card in cards}
    pairs = [(card, by_name.get(card.plan["beside"] or "")) for card in cards]
    return [(card, beside, _differences(beside, card)) for card, beside in pairs if beside is not None]


def _kept(row: RowCard, reference: RowCard) -> Kept:
    return Kept(
        row,
        reference,
        row.file_bytes / reference.file_bytes,
        row.compressed_bytes / reference.compressed_bytes,
        _times_as_fast(row, reference, "network_one_ms"),
        _times_as_fast(row, reference, "network_batch_ms_a_photo"),
        _differences(reference, row),
    )


def _differences(first: RowCard, second: RowCard) -> list[Difference]:
    by_name = {difference.name: difference for difference in differences(first.cases, second.cases)}
    return [by_name[name] for name in SHOWN if name in by_name]


def _times_as_fast(row: RowCard, reference: RowCard, name: str) -> float | None:
    mine, others = row.timing, reference.timing
    # Latencies of different runs are not comparable.
    if mine is None or others is None or mine["at"] != others["at"]:
        return None
    return float(others[name] / mine[name])
