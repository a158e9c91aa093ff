"""What a trial of a cluster prints, and counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lab.benchmarks.rollout import Answered


@dataclass
class Report:
    """Prints what happened as it happens, and counts the promises that were broken."""

    write: Callable[[str], object]
    broken: list[str] = field(default_factory=list)

    def add(self, what: str, found: str, *, kept: bool | None = None) -> None:
        verdict = {None: "", True: "kept", False: "BROKEN"}[kept]
        self.write(f"{what:62s}{found:>26s}  {verdict}".rstrip())
        if kept is False:
            self.broken.append(f"{what}: {found}")


def failures(answers: Sequence[Answered], *, after: float) -> tuple[list[Answered], list[Answered]]:
    """Return the searches that failed, and those of them that were sent after a moment (monotonic seconds)."""
    failed = [answer for answer in answers if not answer.model]
    return failed, [answer for answer in failed if answer.sent > after]


def count_of(failed: Sequence[object]) -> str:
    return f"{len(failed)}: {failed[0]}"[:200] if failed else "0"
