"""Formatting of the report's figures: significant digits and the page's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from lab.evaluation.calibration import calibration_error
from lab.evaluation.cases import LIMITS
from lab.evaluation.luma import LUMA
from lab.evaluation.paired import Difference
from lab.evaluation.protocol import MADE_QUERIES
from lab.evaluation.recall import Share
from lab.experiments.cards import RowCard
from lab.experiments.claims import Kept, verdict_of

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: the figure, a small-print note, and a claim's verdict, if the cell is about one."""

    text: str
    note: str = ""
    verdict: str = ""


def header() -> list[str]:
    """Return the column headers of a chapter's table, without that of the row's name."""
    return [
        _("Initial weights"),
        _("Size, MB"),
        _("Compressed, MB"),
        _("Category accuracy"),
        _("Calibration error"),
        *(_("Augmented queries, recall@%d") % limit for limit in LIMITS),
        *(_("Luma, recall@%d") % limit for limit in LIMITS),
        _("Cosine with float32"),
        _("One photo, ms"),
        _("In a batch of 8, ms per photo"),
        _("Photos per second"),
        _("Network, times as fast as float32: one / batch"),
        _("Core-minutes to train"),
    ]


def row_cells(card: RowCard) -> list[Cell]:
    """Return the cells of a row in the columns of header()."""
    timing, cosine = card.timing or {}, card.facts.get("cosine_with_float32")
    speeds = (timing.get("times_as_fast_as_float32"), timing.get("times_as_fast_as_float32_in_batches"))
    return [
        Cell(weights_of(card)),
        Cell(megabytes(card.file_bytes)),
        Cell(megabytes(card.compressed_bytes)),
        share(card.report.category),
        _calibration(card),
        *(share(card.report.recall.get(name, {}).get(limit)) for name in (MADE_QUERIES, LUMA) for limit in LIMITS),
        Cell(number(cosine["mean"], 3), _("least %s") % number(cosine["least"], 3)) if cosine else Cell(MISSING),
        Cell(number(timing.get("one_photo_ms"), 1)),
        Cell(number(timing.get("batch_of_8_ms_a_photo"), 1)),
        Cell(number(timing.get("photos_a_second"), 0)),
        Cell(" / ".join(number(speed, 1) for speed in speeds)),
        Cell(number(card.lab["core_seconds"] / 60, 1)),
    ]


def summary(cards: Sequence[RowCard]) -> list[str]:
    """Return the lines of a Markdown table of the rows' cost and quality."""
    names = [_("Row"), _("Initial weights"), _("Size, MB"), _("Category accuracy")]
    names += [_("Augmented queries, recall@%d") % 1, _("Luma, recall@%d") % 1, _("One photo, ms")]
    lines = [names, ["---"] * len(names)]
    for card in cards:
        shares = [card.report.category, *(card.report.recall.get(name, {}).get(1) for name in (MADE_QUERIES, LUMA))]
        lines.append(
            [
                card.name,
                weights_of(card),
                megabytes(card.file_bytes),
                *(f"{cell.text} {cell.note}".strip() for cell in map(share, shares)),
                number((card.timing or {}).get("one_photo_ms"), 1),
            ]
        )
    return [f"| {' | '.join(cells)} |" for cells in lines]


def weights_of(card: RowCard) -> str:
    """Return the kind of a row's initial weights, in a word."""
    file = str(card.facts["initial_weights"]["file"])
    return {"random": _("random"), "imagenet": "ImageNet"}.get(file, _("file"))


def megabytes(count: int) -> str:
    return number(count / 1e6, 2)


def number(value: float | None, digits: int) -> str:
    # Rounded here, since number_format() truncates.
    return MISSING if value is None else str(number_format(Decimal(f"{value:.{digits}f}"), digits))


def percent(value: float, *, signed: bool = False) -> str:
    """Return a share in per cent, or a signed difference in percentage points."""
    return f"{'+' if signed and value > 0 else ''}{number(100 * value, 1)}".replace("-", "−")


def share(found: Share | None) -> Cell:
    """Return a cell of a share with its 95 % confidence interval."""
    return Cell(MISSING) if found is None else Cell(number(found.value, 3), interval(found.low, found.high))


def interval(low: float, high: float) -> str:
    return f"[{number(low, 3)} – {number(high, 3)}]"


def claim_header() -> list[str]:
    """Return the column headers of a table of claims, without that of the row's name."""
    return [
        _("Compared with"),
        _("Share of its size; claimed: a quarter"),
        _("The same, compressed"),
        _("Times as fast: one photo / batch of 8; claimed: two to four"),
        _("Category accuracy, points; at most 2 lost"),
        _("Augmented queries, recall@1, points"),
        _("Luma, recall@1, points"),
    ]


def claim_cells(kept: Kept) -> list[Cell]:
    """Return a row's cells in the columns of claim_header()."""
    cells = [
        Cell(_points(difference), _points_interval(difference), verdict_of(difference))
        for difference in kept.differences
    ]
    return [
        Cell(kept.reference.name),
        Cell(f"{percent(kept.size)} %", verdict=kept.size_verdict),
        Cell(f"{percent(kept.compressed)} %", verdict=kept.compressed_verdict),
        Cell(f"{number(kept.speed_one, 1)} / {number(kept.speed_batch, 1)}", verdict=kept.speed_verdict),
        *cells,
        *[Cell(MISSING)] * (3 - len(cells)),
    ]


def claim_summaries(kept: Sequence[Kept]) -> list[dict[str, str]]:
    """Return each claim with the names of the rows for which it holds, fails or is open."""
    claims = (
        (_("A quarter of the size"), [row.size_verdict for row in kept]),
        (_("Two to four times the speed"), [row.speed_verdict for row in kept]),
        (_("At most 2 points lost in every figure"), [row.loss_verdict for row in kept]),
    )
    return [
        {"claim": claim}
        | {
            word: ", ".join(row.row.name for row, verdict in zip(kept, verdicts, strict=True) if verdict == word)
            for word in ("holds", "fails", "open")
        }
        for claim, verdicts in claims
    ]


def beside_header() -> list[str]:
    """Return the column headers of the ablation table, without that of the row's name."""
    return [
        _("Compared with"),
        _("Category accuracy, points"),
        _("Augmented queries, recall@1, points"),
        _("Luma, recall@1, points"),
    ]


def _reality(difference: Difference) -> str:
    return "real" if difference.is_real else "" if difference.is_none else "chance"


def beside_cells(beside: RowCard, found: Sequence[Difference]) -> list[Cell]:
    """Return a row's cells in the columns of beside_header(): gains in percentage points and their significance."""
    cells = [Cell(_points(difference), _points_interval(difference), _reality(difference)) for difference in found]
    return [Cell(beside.name), *cells, *[Cell(MISSING)] * (3 - len(cells))]


def _points(difference: Difference) -> str:
    return percent(difference.value, signed=True)


def _points_interval(difference: Difference) -> str:
    return f"[{percent(difference.low, signed=True)} … {percent(difference.high, signed=True)}]"


def _calibration(card: RowCard) -> Cell:
    categories = card.cases.categories
    return Cell(MISSING) if categories is None else share(calibration_error(categories.probability, categories.right))
