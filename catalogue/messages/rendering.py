"""A message in the reader's language. The one module of these that knows Django."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext, override

from catalogue.messages.message import Json, Message
from catalogue.messages.registry import fill, text_of


def render(message: Message | str, language: str | None = None) -> str:
    """Return a message in a language, by default the active one: the cause, then the remedy.

    Text that is in the reader's language already, as a form's, is returned as it is.
    """
    if not isinstance(message, Message):
        return str(message)
    if language is not None:
        with override(language):
            return render(message)
    return fill(message, gettext, ngettext, _number)


def render_stored(stored: Json | None) -> str:
    """Return what a row has stored of an error; nothing where there is none."""
    return render(Message.from_json(stored)) if stored else ""


def render_errors(errors: Mapping[str, list[Message | str]]) -> dict[str, list[str]]:
    """Return the messages of each field of a request."""
    return {field: [render(message) for message in messages] for field, messages in errors.items()}


def public_text(message: Message | None) -> str:
    """Return the text that anybody may read: nothing of what concerns the shop's own machines."""
    words = text_of(message.code) if message else None
    return render(message) if message and words and not words.internal else ""


def _number(value: int | float) -> str:
    whole = value if isinstance(value, int) else Decimal(f"{value:.6g}")
    return number_format(whole, force_grouping=True)
