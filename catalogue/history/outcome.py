"""What became of a part of a bulk change or an undo: how much changed, and what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from catalogue.messages import Message

# The first of those left out are kept with their reasons, the others counted.
LEFT_OUT_AT_MOST = 1_000


class NotNowError(Exception):
    """What an action needs is not there at the moment. The change waits, and goes on by itself."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row, or one field of it, that stays as it is."""

    name: str
    why: Message
    # The column that stays; none where it is the whole row.
    field: str = ""

    def as_json(self) -> list[Any]:
        return [self.name, self.field, self.why.as_json()]

    @classmethod
    def from_json(cls, stored: list[Any]) -> LeftOut:
        name, column, why = stored
        return cls(name, Message.from_json(why), column)


@dataclass
class Outcome:
    """Numbers of rows that changed, and what was left out."""

    changed: int = 0
    left_out: list[LeftOut] = field(default_factory=list)

    def leave(self, name: str, code: str, column: str = "", **params: str) -> None:
        self.left_out.append(LeftOut(name, Message.of(code, **params), column))
