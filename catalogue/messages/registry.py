"""The words of each code, in English; gettext has the other languages'."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalogue.messages.message import PROSE, Message, Param


@dataclass(frozen=True)
class Plural:
    """A sentence in two forms; the parameter `counted` decides which."""

    one: str
    many: str
    counted: str


@dataclass(frozen=True)
class Text:
    """The words of a code: what happened and what helps, with places such as %(value)s; %(line)d is a plain number.

    `example` has a value for each place. `internal`: it tells of the shop's own machines, so a stranger is not told.
    """

    cause: str | Plural
    remedy: str | Plural = ""
    example: Mapping[str, Param] = field(default_factory=dict)
    internal: bool = False


_TEXTS: dict[str, Text] = {PROSE: Text("%(text)s", example={"text": "Something else."})}


def gettext_noop(message: str) -> str:
    """Mark a sentence to be translated later, as Django's function of this name; without Django."""
    return message


def ngettext_noop(one: str, many: str, counted: str) -> Plural:
    return Plural(one, many, counted)


def text(cause: str | Plural, remedy: str | Plural = "", /, *, internal: bool = False, **example: Param) -> Text:
    """Return the words of a code, with an example of each of its parameters."""
    return Text(cause, remedy, example, internal)


def register(texts: Mapping[str, Text]) -> None:
    """Add an app's codes. A code has one meaning."""
    if twice := [code for code, words in texts.items() if _TEXTS.get(code, words) is not words]:
        raise ValueError(f"codes registered twice: {', '.join(twice)}")
    _TEXTS.update(texts)


def codes() -> list[str]:
    return sorted(_TEXTS)


def text_of(code: str) -> Text | None:
    """Return the words of a code, None for one that this release does not know."""
    return _TEXTS.get(code)


def english(message: Message) -> str:
    """Return a message in English, for logs and for code without Django."""
    return fill(message, lambda words: words, lambda one, many, n: one if n == 1 else many, _in_english)


def fill(
    message: Message,
    translate: Callable[[str], str],
    translate_plural: Callable[[str, str, int], str],
    write: Callable[[int | float], str],
) -> str:
    """Return a message in the words of a language. It never fails: what is stored may be of another release."""
    words = _TEXTS.get(message.code)
    if words is None:
        return f"{message.code} {dict(message.params)}"
    values = {name: _value(value, translate, translate_plural, write) for name, value in message.params.items()}

    def sentence(form: str | Plural) -> str:
        if isinstance(form, Plural):
            number = message.params.get(form.counted)
            form = translate_plural(form.one, form.many, number if isinstance(number, int) else 2)
        elif form and message.code != PROSE:
            form = translate(form)
        return form % values

    try:
        return " ".join(filter(None, (sentence(words.cause), sentence(words.remedy))))
    except (KeyError, TypeError, ValueError):
        return f"{message.code} {dict(message.params)}"


class _Number(int):
    """A number that %s writes as the language does, and %d as plain digits."""

    shown = ""

    def __str__(self) -> str:
        return self.shown


def _value(value: Param, *languages: Any) -> object:
    if isinstance(value, Message):
        return fill(value, *languages)
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        number = _Number(value)
        number.shown = languages[-1](value)
        return number
    if isinstance(value, float):
        return languages[-1](value)
    return ", ".join(value)


def _in_english(number: int | float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,g}"
