"""The words of the shop, room by room: what people read has none of the machine's vocabulary, in either language.

A room is the sources of its texts; add one, or add to what is banned there. Patterns are searched for in texts without
their placeholders, whatever the case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import polib
import pytest

from catalogue.demo.assortment import ARTICLES_FILE
from catalogue.demo.photographed import read_photographed
from tests.catalogue.web.test_translations import FRENCH, ROOT, key_of, texts_in_sources, texts_of


@dataclass(frozen=True)
class Room:
    """Where texts are from, by the beginning of their paths, and what none of them may say."""

    sources: tuple[str, ...]
    but: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    french: tuple[str, ...] = ()


ROOMS = {
    "shopper pages": Room(
        sources=("templates/", "catalogue/web/", "visualsearch/web/", "catalogue/browsing/category_links.py"),
        # Pages of staff, of developers and of the laboratory speak of what they are about.
        but=("templates/admin/", "templates/lab/", "templates/api_docs.html", "templates/visualsearch/apps.html"),
        english=(
            r"\b(token|model|label|snapshot|embedding|vector|index|indexed|similarity|query)s?\b",
            r"\barticles?\b",
            r"\balike\b|\bnearest\b|\blooks? like\b|\blooks much like\b|\bcomes? nearest\b",
            r"\blooked (at|through)\b|\blooking at\b|\bwhat counts\b",
            r"\bin force\b|\banew\b|\bwas left out:|\btake (it|one|them) back\b",
            r"\bpass(es)? (all|the|these)\b|\bno \w+ passes\b",
            r"\bcould not be told\b|\bdid not work\b|\btakes too long\b|\bis not known\b|\bcannot be (read|used)\b",
            r"^(closer|whole|light|other camera|pick one instead|correct it)$",
            r"\bshelves\b|\bslip\b|\bsold out and taken down\b",
        ),
        french=(
            r"\b(jeton|modèle|libellé|étiquette|instantané|vecteur|plongement|index|token|requête)s?\b",
            # French shops sell articles.
            r"\bproduits?\b",
            r"\blaissée? de côté\b|\bqui passent\b|\bn[’']est pas connu\b|\best regardée\b",
            # An apostrophe is set as one.
            r"\w'\w",
        ),
    ),
}
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%%s|<[^>]+>")


def texts_of_room(room: Room) -> Iterator[tuple[str, str]]:
    """Yield each English text of a room, and each of its French ones."""
    keys = {
        key
        for key, path in texts_in_sources()
        if (source := path.relative_to(ROOT).as_posix()).startswith(room.sources) and not source.startswith(room.but)
    }
    for entry in polib.pofile(str(FRENCH / "django.po")):
        if key_of(entry) in keys:
            for english in filter(None, (entry.msgid, entry.msgid_plural)):
                yield "english", english
            for french in texts_of(entry):
                yield "french", french


@pytest.mark.parametrize("name", ROOMS)
def test_no_text_of_a_room_has_a_word_that_is_banned_there(name: str) -> None:
    room = ROOMS[name]
    texts = list(texts_of_room(room))

    banned = [
        f"{pattern}: {text}"
        for language, text in texts
        for pattern in getattr(room, language)
        if re.search(pattern, PLACEHOLDERS.sub("", text), re.IGNORECASE)
    ]

    assert len(texts) > 50
    assert banned == []


def test_a_banned_word_would_be_found() -> None:
    english, french = ROOMS["shopper pages"].english, ROOMS["shopper pages"].french

    for text in ("The token is not valid.", "83% alike", "No article passes", "Take one back, or begin anew", "Closer"):
        assert any(re.search(pattern, text, re.IGNORECASE) for pattern in english), text
    for text in ("Le jeton n’est pas valable", "Voir les produits", "Rien d'autre"):
        assert any(re.search(pattern, text, re.IGNORECASE) for pattern in french), text


def test_french_names_of_the_demo_are_set_as_french_type_is() -> None:
    document = json.loads(ARTICLES_FILE.read_text(encoding="utf-8"))
    texts = [row[name] for row in document["articles"] for name in ("name_fr", "description_fr")]
    texts += [text for one in read_photographed().articles for text in (one.name_fr, one.description_fr)]
    texts += [row["name_fr"] for row in [*document["departments"], *document["colours"]]]

    assert [text for text in texts if re.search(r" [:;!?»]|« |\w'\w", text)] == []
