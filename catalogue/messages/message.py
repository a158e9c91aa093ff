"""A message: which one it is, and what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# A message may name another as its cause: "price: …".
Param: TypeAlias = "str | int | float | Sequence[str] | Message"
Json: TypeAlias = dict[str, Any]

# What comes from outside (a cell, a name, an address) is no longer than this in a message.
TEXT_AT_MOST, ITEMS_AT_MOST = 300, 40
# A message whose code is this one is prose that was stored before there were codes.
PROSE = "text"


@dataclass(frozen=True)
class Message:
    """A code of the registry, and the parameters of its words. Equal ones say the same."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)

    @classmethod
    def of(cls, code: str, /, **params: Param) -> Message:
        """Return a message whose texts are made fit to be kept and shown: short, and without control characters."""
        return cls(code, {name: _fit(value) for name, value in params.items()})

    def as_json(self) -> Json:
        """Return it as JSON has it, to be stored."""
        return {"code": self.code, "params": {name: _as_json(value) for name, value in self.params.items()}}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Message:
        """Return what `as_json` made this of."""
        return cls(str(stored.get("code", "")), {n: _from_json(v) for n, v in (stored.get("params") or {}).items()})


def _fit(value: Param) -> Param:
    if isinstance(value, str):
        return shorten(value)
    if isinstance(value, Sequence):
        return [shorten(text) for text in value[:ITEMS_AT_MOST]] + ["…"] * (len(value) > ITEMS_AT_MOST)
    return value


def shorten(text: str, at_most: int = TEXT_AT_MOST) -> str:
    """Return the beginning of a text, as it may be shown: a database keeps neither null nor half a character."""
    shown = text[:at_most] + "…" * (len(text) > at_most)
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in shown)


def _as_json(value: Param) -> Any:
    if isinstance(value, Message):
        return value.as_json()
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _from_json(value: Any) -> Param:
    if isinstance(value, Mapping):
        return Message.from_json(value)
    return value if isinstance(value, str | int | float | list) else str(value)
