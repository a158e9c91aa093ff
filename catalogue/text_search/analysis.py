"""Text analysis: from a text in English or French to the tokens that are indexed and looked for. No database.

A token is ASCII letters and digits behind one letter that says what it is, so that an engine's own tokenizer decides
nothing, and both engines hold the same:

    w  a word without case, accents and plural: "Été", "étés" → wete; h  the same of the noun that a name ends with in
       English and begins with in French: "Linen shirt dress, white" → hdress
    n  a whole name as one, of its words without case, accents and plural: "Linen dress" → nlinendress
    e  its English stem (Porter2, M. Porter, 2001), f  its French stem, both by Snowball (snowballstemmer)
    x  a code (SKU, barcode, style number) without what is between its letters and digits: "TS-01 b" → xts01b
    c, b, k  an article's category, brand or colour, with the row's number; o  the same of its only colour
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import snowballstemmer
from anyascii import anyascii

# Raised when the same text gives other tokens than before: documents of another version are rewritten.
VERSION = 2

# Between two texts of one field: no phrase runs across.
BOUNDARY = "z"
# Of a description: so much is indexed.
TEXT_MAX_CHARACTERS = 20_000
# Of a token. Longer ones are runs of a script without spaces, or no words.
TOKEN_MAX_CHARACTERS = 40
# Of the token of a whole name; longer names that begin alike are one.
NAME_MAX_CHARACTERS = 100
CODE_MIN_CHARACTERS = 2
CODE_MAX_CHARACTERS = 100

_UNIT = re.compile(r"[^\W_]+(?:[-‐‑][^\W_]+)*")
_HYPHEN = re.compile("[-‐‑]")
_MARKS = re.compile("[\u0300-\u036f]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_NO_WORD = re.compile(r"[^0-9a-z\s]+")
_NO_CODE = re.compile(r"[^0-9a-z]+")
# A letter and a word that are one: "T shirt", "V neck".
_SINGLE_LETTERS = frozenset("tvu")

# What an English name says of its noun behind it.
_BEHIND_HEAD = re.compile(r"[,;:(/–—|]|\s-\s|\b(?:with|in|for|of|and|without)\b", re.IGNORECASE)

# Stems that the rules leave apart.
_ENGLISH = {"scarv": "scarf", "women": "woman", "men": "man", "gray": "grey", "woollen": "wool", "woolen": "wool"}
_FRENCH = {
    "blanch": "blanc",
    "longu": "long", "fraich": "frais", "sech": "sec", "douc": "doux", "rouss": "roux", "bel": "beau",
    "nouvel": "nouveau", "neuv": "neuf", "franch": "franc", "vieil": "vieux",
}  # fmt: skip

# Forms that no rule finds, each with that of the name; of colours, the masculine.
_IRREGULAR = {"blanche": "blanc", "fraiche": "frais", "rousse": "roux", "gray": "grey"}

_snowball = threading.local()


@dataclass(frozen=True, slots=True)
class Unit:
    """A word as it was written, with its place in the text; of "V-neck", `parts` are v and neck."""

    text: str
    start: int
    end: int
    parts: tuple[str, ...]

    @property
    def joined(self) -> str:
        return "".join(self.parts)


def units(text: str) -> Iterator[Unit]:
    """Yield the words of a text in lower case, NFC. An apostrophe parts words, a hyphen joins them.

    A single letter and the word behind it are one, with a hyphen or, of T, U and V, a space: "T shirt" is "tshirt".
    """
    lower = unicodedata.normalize("NFC", text.casefold())
    if len(lower) != len(text):
        # Places are those in the text as it was written, unless it was written decomposed.
        text = unicodedata.normalize("NFC", text)
        lower = text.lower()
    found = [
        Unit(text[m.start() : m.end()], m.start(), m.end(), tuple(_HYPHEN.split(m[0]))) for m in _UNIT.finditer(lower)
    ]
    place = 0
    while place < len(found):
        unit = found[place]
        following = found[place + 1] if place + 1 < len(found) else None
        if unit.joined in _SINGLE_LETTERS and following and text[unit.end : following.start].isspace():
            unit = Unit(text[unit.start : following.end], unit.start, following.end, (unit.joined, *following.parts))
            place += 1
        yield Unit(unit.text, unit.start, unit.end, (unit.joined,)) if len(unit.parts[0]) == 1 else unit
        place += 1


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded; each part of "long-sleeved", and "tshirt" of "T-shirt"."""
    return [fold(part) for unit in units(text) for part in unit.parts]


def fold(text: str) -> str:
    """Return a text without case, accents and ligatures, other scripts in Latin letters."""
    latin = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(_LIGATURES)
    return latin if latin.isascii() else _NO_WORD.sub("", anyascii(latin).lower())


@lru_cache(65_536)
def singular(word: str) -> str:
    """Return a word folded and without its plural, English or French: what it is looked for by first.

    The likeliest of its `noun_forms`.
    """
    word = _plain(word)
    return next(_singulars(word), word)


def noun_forms(word: str) -> tuple[str, ...]:
    """Return a word, folded, and what its singular may be, in English or French: "scarves" gives "scarf" too.

    Two words are forms of one noun if both may have the same.
    """
    word = _plain(word)
    return tuple(dict.fromkeys((word, *_singulars(word))))


def adjective_forms(word: str) -> tuple[str, ...]:
    """Return a word, folded, and what its singular and its French masculine may be: "bleues" gives "bleu" too."""
    return tuple(dict.fromkeys(form for one in noun_forms(word) for form in _masculines(one)))


@lru_cache(65_536)
def english_stem(word: str) -> str:
    """Return the English stem of a word, folded."""
    stem = _plain(_stemmer("english").stemWord(_plain(word)))
    return _ENGLISH.get(stem, stem)


@lru_cache(65_536)
def french_stem(word: str) -> str:
    """Return the French stem of a word, folded; the same for both genders, and where accents were left out."""
    stem = _plain(_stemmer("french").stemWord(unicodedata.normalize("NFC", word.casefold())))
    stem = _FRENCH.get(stem, stem)
    if stem.endswith("iv"):
        stem = stem[:-1] + "f"
    if stem.endswith("eus"):
        stem = stem[:-1] + "x"
    # What Snowball leaves where an accent is missing, "brodee", and of what it knows in one form alone, "leger".
    while len(stem) > 3 and stem.endswith("e"):
        stem = stem[:-1]
    if len(stem) > 4 and stem.endswith("er"):
        stem = stem[:-2]
    if len(stem) > 3 and stem[-1] == stem[-2]:
        stem = stem[:-1]
    if len(stem) > 3 and stem[-1] in "sx":
        stem = stem[:-1]
    return stem


def word_tokens(parts: Iterable[str]) -> str:
    """Return the tokens of words without plural."""
    return " ".join(f"w{singular(part)}" for part in parts)


def name_token(text: str) -> str:
    """Return the token of a text that is a whole name, empty for a text without words."""
    joined = "".join(singular(part) for unit in units(text) for part in unit.parts)
    return f"n{joined[:NAME_MAX_CHARACTERS]}" if joined else ""


def english_tokens(parts: Iterable[str]) -> str:
    """Return the tokens of words' English stems."""
    return " ".join(f"e{english_stem(part)}" for part in parts)


def french_tokens(parts: Iterable[str], *, accented: bool = False) -> str:
    """Return the tokens of words' French stems; `accented`, as if a final accent was left out: "brode", "brodé"."""
    if accented:
        parts = [re.sub("(?<=[a-z])e+(s?)$", r"é\1", part) for part in parts]
    return " ".join(f"f{french_stem(part)}" for part in parts)


def code_token(code: str) -> str:
    """Return the token of a code, empty for one that is too short to be one."""
    plain = _NO_CODE.sub("", fold(code))[:CODE_MAX_CHARACTERS]
    return f"x{plain}" if len(plain) >= CODE_MIN_CHARACTERS else ""


@dataclass(frozen=True, slots=True)
class Texts:
    """What of an article is searched, as it is stored."""

    name: str
    name_fr: str = ""
    description: str = ""
    description_fr: str = ""
    codes: tuple[str, ...] = ()
    categories: tuple[int, ...] = ()
    brand: int | None = None
    colours: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The tokens of an article by field, with spaces between, and the words of its name and description as written."""

    title: str
    traits: str
    codes: str
    text: str
    words: dict[str, str]


def analyse(texts: Texts) -> Document:
    """Return the document of an article. Where it has no French text, its English one may be in either language."""
    name, name_fr = list(units(texts.name)), list(units(texts.name_fr))
    text = list(units(texts.description[:TEXT_MAX_CHARACTERS]))
    text_fr = list(units(texts.description_fr[:TEXT_MAX_CHARACTERS]))
    only = texts.colours if len(texts.colours) == 1 else ()
    traits = [f"c{pk}" for pk in texts.categories] + [f"b{texts.brand}"] * (texts.brand is not None)
    words = {fold(unit.text): unit.text.casefold() for unit in (*text, *text_fr, *name, *name_fr)}
    heads = " ".join(dict.fromkeys(f"h{singular(head)}" for head in _heads(texts.name, texts.name_fr)))
    whole = " ".join(dict.fromkeys(filter(None, map(name_token, (texts.name, texts.name_fr)))))
    return Document(
        title=f" {BOUNDARY} ".join(filter(None, (_sequences(name, name_fr, words=True), heads, whole))),
        traits=" ".join([*traits, *(f"k{pk}" for pk in texts.colours), *(f"o{pk}" for pk in only)]),
        codes=" ".join(filter(None, dict.fromkeys(map(code_token, texts.codes)))),
        text=_sequences(text, text_fr, words=False),
        words={folded: written for folded, written in words.items() if _is_word(folded)},
    )


def _heads(name: str, name_fr: str) -> Iterator[str]:
    """Yield the nouns that names are about; of a name that may be in either language, two."""
    english = [unit.joined for unit in units(_BEHIND_HEAD.split(name, maxsplit=1)[0])]
    french = [unit.joined for unit in units(name_fr or name) if len(unit.joined) > 2]
    yield from english[-1:]
    yield from french[:1]


def _singulars(word: str) -> Iterator[str]:
    """Yield what the singular of a plural may be, the likeliest first; nothing where a word is none."""
    if len(word) < 4:
        return
    if word.endswith("ies") and len(word) > 4:
        yield word[:-3] + "y"
    if word.endswith("aux") and not word.endswith("eaux"):
        yield word[:-3] + "al"
    if re.search(r"(?:ss|x|ch|sh|z)es$", word):
        yield word[:-2]
    if word.endswith("x") or (word.endswith("s") and not word.endswith("ss")):
        yield word[:-1]
    # Behind the other: there are more gloves and sleeves than scarves.
    if word.endswith("ves"):
        yield word[:-3] + "f"


def _masculines(word: str) -> Iterator[str]:
    yield word
    if word in _IRREGULAR:
        yield _IRREGULAR[word]
    if len(word) > 4 and word.endswith("e"):
        yield word[:-1]
        if word[-2] == word[-3]:
            yield word[:-2]


def _is_word(folded: str) -> bool:
    return 3 <= len(folded) <= TOKEN_MAX_CHARACTERS and any(sign.isalpha() for sign in folded)


def _sequences(english: list[Unit], french: list[Unit], *, words: bool) -> str:
    sequences: list[str] = []
    for some, make in (
        *([(english, word_tokens), (french, word_tokens)] if words else []),
        (english, english_tokens),
        (french or english, french_tokens),
    ):
        parts = [part for unit in some for part in unit.parts]
        if parts:
            sequences.append(make(parts))
            sequences += [make([unit.joined]) for unit in some if len(unit.parts) > 1]
    return f" {BOUNDARY} ".join(dict.fromkeys(sequences))


def _plain(word: str) -> str:
    """Return a word as tokens have it: folded, ASCII letters and digits alone."""
    return _NO_CODE.sub("", fold(word))[:TOKEN_MAX_CHARACTERS]


def _stemmer(language: str) -> Any:
    # A stemmer holds the word that it is at: one for each thread.
    if not hasattr(_snowball, language):
        setattr(_snowball, language, snowballstemmer.stemmer(language))
    return getattr(_snowball, language)
