"""The words of the shop, room by room: what people read has none of the machine's vocabulary, in either language.

A room is the sources of its texts; add one, or add to what is banned there. Patterns are searched for in texts without
their placeholders, whatever the case.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import polib
import pytest

from catalogue.demo.assortment import ARTICLES_FILE
from catalogue.demo.photographed import read_photographed
from tests.catalogue.web.test_translations import FRENCH, ROOT, Key, key_of, texts_in_sources, texts_of


@dataclass(frozen=True)
class Room:
    """Where texts are from, by the beginning of their paths, and what none of them may say."""

    sources: tuple[str, ...]
    but: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    french: tuple[str, ...] = ()


# Both languages set an apostrophe as one.
TYPEWRITTEN = r"\w'\w"
# Of a translation, or of another century.
ODD = (
    r"\banew\b|\bmeanwhile\b|\bfor good\b|\btake (it|them|one) back\b|\bin force\b|\bas they were\b",
    r"\bhand(ed)? in\b|\bbrought in\b|\brefused rows?\b|\bput it to work\b|\bcompared silently\b|\bpiles?\b",
    r"\bno longer there\b|\b(is|was) gone\b|\bcut off\b|\bless than nothing\b|\b(is|are) not known\b",
    r"\blook(s|ed|ing)? (at|through)\b|\bnothing close\b|\balike\b|\bsurely\b|\bnumber of its own\b|\bof yours\b",
    r"^(give|make|take) (it|them|one)\b|\bmake room\b|^to the \w+$|\bhas no right to this page\b",
    TYPEWRITTEN,
)
ODD_FRENCH = (
    r"\btéléverse|\btas\b|\bpiles?\b|\bsortie?s? du flux\b|\best sorti|\bsont sortis|\bregardée?s?\b",
    r"\bn[’']est pas connu|\bn[’']est plus là\b|\babîmée?\b|\binconnue? ici\b|\bautre vie\b|\bmalformé",
    TYPEWRITTEN,
)

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
            r"\bwas left out\b|\bnothing close\b|\btaken closer\b|\bfault is ours\b|\bin numbers\b",
            TYPEWRITTEN,
        ),
        french=(
            r"\b(jeton|modèle|libellé|étiquette|instantané|vecteur|plongement|index|token|requête)s?\b",
            # French shops sell articles.
            r"\bproduits?\b",
            r"\blaissée? de côté\b|\bqui passent\b|\bn[’']est pas connu\b|\best regardée\b",
            TYPEWRITTEN,
        ),
    ),
    # Staff keep a shop: they sell products to customers. What only developers see says what it is.
    "admin": Room(
        sources=(
            "templates/admin/", "catalogue/admin/", "visualsearch/admin/", "catalogue/models/", "catalogue/roles.py",
            "catalogue/templatetags/", "catalogue/todos.py", "visualsearch/services/monitoring/todos.py",
            "visualsearch/models/duplicates.py", "visualsearch/models/piles.py",
        ),
        but=(
            "templates/admin/visualsearch/dashboard_developer.html", "templates/admin/visualsearch/versions.html",
            "visualsearch/admin/versions.py", "catalogue/admin/api_tokens.py", "catalogue/models/api_tokens.py",
        ),
        english=(
            r"\b(tokens?|embeddings?|vectors?|snapshots?|epochs?|sequences?|inference|nprobe|thresholds?)\b",
            r"\barticles?\b|\bshoppers?\b|\bpictures?\b",
            *ODD,
        ),
        french=(
            r"\b(jeton|token|vecteur|empreinte|instantané|snapshot|époque|inférence|seuil)s?\b",
            r"\bproduits?\b|\bacheteurs?\b",
            *ODD_FRENCH,
        ),
    ),
    # Read by developers of apps, and on the screens of their customers.
    "API problems": Room(
        sources=("catalogue/problems.py", "visualsearch/problems.py"),
        english=(
            r"\b(models?|labels?|snapshots?|embeddings?|vectors?|index|similarity)\b",
            r"\barticles?\b|\bpictures?\b|\bcallers?\b|\bthe fault is\b|\bis said of\b|\bcannot\b|\b(is|does) not\b",
            r"\bnames those\b|\bmake up\b|\bnot from here\b|\bcopied whole\b|\bformat of answer\b|\bare plenty\b",
            *ODD,
        ),
        french=(
            r"\b(modèle|libellé|instantané|plongement|vecteur|index)s?\b|\bproduits?\b|\bl[’']appelant\b",
            r"\bvient d[’']ailleurs\b|\bnomme celles\b|\bdit combien\b",
            *ODD_FRENCH,
        ),
    ),
    # Of the API, of imports, of the shop's machines: developers may read of tokens and snapshots.
    "messages": Room(
        sources=("catalogue/messages/", "visualsearch/messages.py"),
        english=(
            r"\barticles?\b|\bpictures?\b|\bshoppers?\b|\bcannot\b|\bwere left out\b",
            r"\bis of another\b|\bnot known here\b|;.* are (allowed|possible)\b|\bmake up\b|\ban order of\b|\bas in \d",
            *ODD,
        ),
        french=(
            r"\bproduits?\b|\bune part de\b|\blaissée?s de côté\b|\bau plus sont\b|\bsont autorisée?s\b",
            *ODD_FRENCH,
        ),
    ),
}  # fmt: skip
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%%s|<[^>]+>")


@cache
def sources_of_texts() -> dict[Key, list[str]]:
    """Return where each text of the shop is used, as paths; reading them takes seconds."""
    found: dict[Key, list[str]] = defaultdict(list)
    for key, path in texts_in_sources():
        found[key].append(path.relative_to(ROOT).as_posix())
    return found


def texts_of_room(room: Room) -> Iterator[tuple[str, str]]:
    """Yield each English text of a room, and each of its French ones."""
    keys = {
        key
        for key, sources in sources_of_texts().items()
        if any(source.startswith(room.sources) and not source.startswith(room.but) for source in sources)
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


@pytest.mark.parametrize(
    ("name", "language", "texts"),
    [
        (
            "shopper pages", "english",
            ["The token is not valid.", "83% alike", "No article passes", "Take one back, or begin anew", "Closer"],
        ),
        ("shopper pages", "french", ["Le jeton n’est pas valable", "Voir les produits", "Rien d'autre"]),
        ("admin", "english", ["Send the photos anew.", "To the import", "Vectors", "Articles", "Shoppers see it."]),
        ("admin", "french", ["2 articles sont sortis", "Ajouter des produits", "Le tas est trié"]),
        (
            "API problems", "english",
            ["The picture cannot be read.", "The token is of a model that is no longer used.", "Unknown caller."],
        ),
        ("API problems", "french", ["Le jeton est d’un modèle qui n’est plus utilisé.", "Il est abîmé."]),
        ("messages", "english", ["There is no such article.", "The file has 3 MB; 2 MB are allowed.", "Give it one."]),
        ("messages", "french", ["Téléversez de nouveau la photo.", "2 Mo sont autorisés."]),
    ],
)  # fmt: skip
def test_a_banned_word_would_be_found(name: str, language: str, texts: list[str]) -> None:
    patterns = getattr(ROOMS[name], language)

    for text in texts:
        assert any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns), text


def test_french_names_of_the_demo_are_set_as_french_type_is() -> None:
    document = json.loads(ARTICLES_FILE.read_text(encoding="utf-8"))
    texts = [row[name] for row in document["articles"] for name in ("name_fr", "description_fr")]
    texts += [text for one in read_photographed().articles for text in (one.name_fr, one.description_fr)]
    texts += [row["name_fr"] for row in [*document["departments"], *document["colours"]]]

    assert [text for text in texts if re.search(r" [:;!?»]|« |\w'\w", text)] == []
