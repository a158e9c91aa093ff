"""Every text of the shop exists in French, in the file that people edit and in the one that Django reads."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
FRENCH = ROOT / "locale" / "fr" / "LC_MESSAGES"
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy", "ngettext_noop"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}

Key = tuple[str, str]


def key_of(entry: polib.POEntry | polib.MOEntry) -> Key:
    return entry.msgctxt or "", entry.msgid


def texts_of(entry: polib.POEntry | polib.MOEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def texts_in_sources() -> Iterator[tuple[Key, Path]]:
    """Yield what the code and the templates want translated, as `makemessages` finds it, without its programs."""
    for folder in ("lab", "shop", "catalogue", "visualsearch", "templates"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix not in {".py", ".html"}:
                continue
            text = path.read_text()
            # A template turned to code is indented as the template was, which means nothing.
            code = re.sub(r"(?m)^[ \t]+", "", templatize(text)) if path.suffix == ".html" else text
            found = extract("python", io.BytesIO(code.encode()), CALLS, options={"encoding": "utf-8"})
            for _line, message, _comments, context in found:
                yield (context or "", message if isinstance(message, str) else message[0]), path


def test_every_text_is_translated_and_checked() -> None:
    entries = polib.pofile(str(FRENCH / "django.po"))

    assert [entry.msgid for entry in entries if not all(texts_of(entry))] == []
    assert [entry.msgid for entry in entries if "fuzzy" in entry.flags] == []
    assert [entry.msgid for entry in entries if entry.obsolete] == []


def test_translations_keep_the_places_to_be_filled() -> None:
    def places(text: str) -> list[str]:
        return sorted(set(re.findall(r"%\(\w+\)[a-z]|%%?[sd]", text)))

    for entry in polib.pofile(str(FRENCH / "django.po")):
        for text in texts_of(entry):
            assert places(text) == places(entry.msgid_plural or entry.msgid), entry.msgid


def test_what_django_reads_says_what_people_edit() -> None:
    edited = {key_of(entry): texts_of(entry) for entry in polib.pofile(str(FRENCH / "django.po"))}
    read = {key_of(entry): texts_of(entry) for entry in polib.mofile(str(FRENCH / "django.mo"))}

    assert read == edited


def test_every_text_of_the_sources_is_in_the_file_and_no_other() -> None:
    known = {key_of(entry) for entry in polib.pofile(str(FRENCH / "django.po"))}
    wanted = dict(texts_in_sources())

    missing = {key[1]: str(path.relative_to(ROOT)) for key, path in wanted.items() if key not in known}
    assert missing == {}
    assert known - set(wanted) == set()


def test_no_line_of_french_begins_with_a_sign_that_belongs_to_the_word_before() -> None:
    for entry in polib.pofile(str(FRENCH / "django.po")):
        for text in texts_of(entry):
            assert not re.search(r" [:;!?»]|« |\d \d{3}\b|\d %", text), text
