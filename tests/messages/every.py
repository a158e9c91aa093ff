"""Every message that there is, with the example of its parameters."""

from __future__ import annotations

import catalogue.exceptions
import visualsearch.exceptions
from catalogue.messages import Message, Text, codes, text_of
from catalogue.messages.rendering import render

LANGUAGES = ("en", "fr")
# The trees of errors, whose modules register the words.
TREES = (catalogue.exceptions.VitrineError, visualsearch.exceptions.VisualSearchError)


def words_of(code: str) -> Text:
    words = text_of(code)
    assert words is not None
    return words


def example_of(code: str) -> Message:
    return Message(code, words_of(code).example)


def in_each_language(code: str) -> dict[str, str]:
    return {language: render(example_of(code), language) for language in LANGUAGES}


EVERY = {code: example_of(code) for code in codes()}
# Those that a stranger may be told.
PUBLIC = [code for code in EVERY if not words_of(code).internal]
