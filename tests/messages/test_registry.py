"""Every code has words in both languages, whatever its parameters are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from django.utils.translation import override

from catalogue.messages import Message, Plural, Text, english, register
from catalogue.messages.message import PROSE, TEXT_AT_MOST
from catalogue.messages.registry import text
from catalogue.messages.rendering import public_text, render, render_stored
from tests.messages.every import EVERY, LANGUAGES, in_each_language, words_of

# The same in both languages: the words are all parameters.
SAME = {PROSE}
# No French sentence has these.
ENGLISH = re.compile(
    r"\b(the|is|are|isn’t|not|of|and|has|have|it|its|this|that|send|write|choose|give|with|cannot|can|more|than|from)\b",
    re.IGNORECASE,
)


def forms_of(words: Text) -> Iterator[str]:
    for form in (words.cause, words.remedy):
        yield from (form.one, form.many) if isinstance(form, Plural) else (form,)


def blank(message: Message) -> Message:
    """Return a message whose texts are no words of any language."""

    def instead(value: object) -> object:
        if isinstance(value, Message):
            return blank(value)
        return value if isinstance(value, int | float) else "§"

    return Message(message.code, {name: instead(value) for name, value in message.params.items()})  # type: ignore[misc]


def test_each_code_has_an_example_of_each_of_its_parameters() -> None:
    for code in EVERY:
        words = words_of(code)

        places = {name for form in forms_of(words) for name in re.findall(r"%\((\w+)\)[sd]", form)}

        assert places == set(words.example), code
        for plural in (form for form in (words.cause, words.remedy) if isinstance(form, Plural)):
            assert isinstance(words.example[plural.counted], int), code


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_code_is_told_with_its_parameters(language: str) -> None:
    for code, message in EVERY.items():
        told = render(message, language)

        assert "%(" not in told, code
        assert code not in told or code == PROSE
        for value in message.params.values():
            shown = render(value, language) if isinstance(value, Message) else value
            if isinstance(shown, str):
                assert shown in told, code


def test_each_code_is_told_in_french_and_not_in_english() -> None:
    for code, message in EVERY.items():
        english_text, french = (render(blank(message), language) for language in LANGUAGES)

        assert (english_text == french) == (code in SAME), code
        assert not ENGLISH.search(french), french


def test_each_code_is_stored_as_json_and_told_the_same_afterwards() -> None:
    for code, message in EVERY.items():
        stored = json.loads(json.dumps(message.as_json()))

        assert Message.from_json(stored) == message
        with override("fr"):
            assert render_stored(stored) == in_each_language(code)["fr"]


def test_logs_have_the_english_that_pages_have() -> None:
    for message in EVERY.values():
        assert english(message) == render(message, "en")


def test_numbers_are_written_as_the_language_does_and_line_numbers_plainly() -> None:
    message = Message.of("feed.line_too_long", line=12345, file="a.csv", limit=4_000_000)
    size = Message.of("image.too_many_bytes", size=31.4, limit=20.0)

    assert "Line 12345 of a.csv is longer than 4,000,000 characters." in render(message, "en")
    assert re.search(r"La ligne 12345 de a\.csv dépasse 4\s000\s000 caractères\.", render(message, "fr"))
    assert "Le fichier fait 31,4 Mo ; la limite est de 20 Mo.".replace(" ;", "\u00a0;") in render(size, "fr")


@pytest.mark.parametrize(("seconds", "told"), [(1, "1 seconde."), (2, "2 secondes.")])
def test_what_is_counted_decides_the_form(seconds: int, told: str) -> None:
    assert render(Message.of("throttle.seconds", seconds=seconds), "fr").endswith(told)


@pytest.mark.parametrize("value", ["100%", "%(value)s", "%s %d %(limit)s", "{value}", "<b>"])
def test_what_comes_from_outside_is_never_a_template(value: str) -> None:
    assert f"“{value}” is not a price." in render(Message.of("cell.not_a_price", value=value), "en")


def test_what_comes_from_outside_is_short_and_can_be_stored() -> None:
    message = Message.of("feed.no_column", file="a\0b\ud800", column="x" * 1_000, columns=["y"] * 1_000, field="sku")

    stored = json.dumps(message.as_json())

    assert message.params["file"] == r"a\x00b\ud800"
    assert len(stored) < 3 * TEXT_AT_MOST


@pytest.mark.parametrize(
    "stored",
    [
        {"code": "no.such", "params": {"value": "5"}},
        {"code": "cell.not_a_price"},
        {"code": "fetch.status", "params": {"status": "x"}},
    ],
)
def test_what_another_release_stored_breaks_no_page(stored: dict[str, object]) -> None:
    assert render_stored(stored).startswith(str(stored["code"]))


def test_a_code_has_one_meaning() -> None:
    with pytest.raises(ValueError, match=re.escape("cell.empty")):
        register({"cell.empty": text("Something else.")})


def test_a_stranger_is_told_nothing_of_the_shops_machines() -> None:
    assert public_text(EVERY["search.not_copied"]) == ""
    assert public_text(EVERY["fetch.not_public"]) == ""
    assert public_text(EVERY["image.empty"]) == render(EVERY["image.empty"])
