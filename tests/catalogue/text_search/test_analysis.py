"""Text analysis: which words are one, and what an article's document holds."""

from __future__ import annotations

import unicodedata

import pytest

from catalogue.text_search.analysis import (
    TEXT_MAX_CHARACTERS,
    TOKEN_MAX_CHARACTERS,
    Texts,
    analyse,
    code_token,
    english_stem,
    french_stem,
    french_tokens,
    noun_forms,
    singular,
    units,
    words_of,
)
from catalogue.text_search.clauses import TITLE, Tokens, phrase, predicate

FRENCH = (
    "rouge rouges", "blanc blanche blancs blanches", "vert verte verts vertes", "bleu bleue bleus bleues",
    "gris grise grises", "violet violette violettes", "roux rousse rousses", "long longue longs longues",
    "frais fraîche fraîches fraiche", "sec sèche", "brodé brodée brodés brodées brodee",
    "plissé plissée plissées plissee",
    "imprimé imprimée imprimees", "doux douce douces", "léger légère légères leger", "épais épaisse epaisse",
    "sportif sportive sportives", "festif festive", "manteau manteaux", "chapeau chapeaux", "bijou bijoux",
    "robe robes", "été étés ete", "chemise chemises", "élégant élégante elegantes", "gros grosse grosses",
    "beau belle beaux", "ajusté ajustée ajustees", "matelassé matelassée", "soyeux soyeuse", "neuf neuve",
)  # fmt: skip
ENGLISH = (
    "dress dresses", "knit knitted knitting knits", "pleat pleated pleats", "stripe striped stripes", "scarf scarves",
    "wool woollen woolen", "women woman women's", "boots boot", "embroider embroidered", "grey gray", "coat coated",
    "rib ribbed", "sleeve sleeves", "short shorts", "glass glasses", "button buttoned buttons",
)  # fmt: skip


@pytest.mark.parametrize("forms", FRENCH)
def test_forms_of_a_french_word_have_one_stem_with_and_without_accents(forms: str) -> None:
    first, *others = forms.split()

    for other in others:
        stems = {french_tokens([other]), french_tokens([other], accented=True)}
        assert french_tokens([first]) in stems, other


@pytest.mark.parametrize("forms", ENGLISH)
def test_forms_of_an_english_word_have_one_stem(forms: str) -> None:
    assert len({english_stem(word.removesuffix("'s")) for word in forms.split()}) == 1


@pytest.mark.parametrize(("one", "other"), [("hat", "what"), ("hat", "that"), ("cap", "cape"), ("lin", "line")])
def test_other_words_are_no_plurals(one: str, other: str) -> None:
    assert singular(one) != singular(other)
    assert english_stem(one) != english_stem(other)


@pytest.mark.parametrize(
    ("plural", "forms"),
    [
        ("Robes", "robes robe"), ("dresses", "dresses dress dresse"), ("bodies", "bodies body bodie"),
        ("ties", "ties tie"), ("chevaux", "chevaux cheval chevau"), ("Chapeaux", "chapeaux chapeau"),
        ("gloves", "gloves glove glof"), ("scarves", "scarves scarve scarf"), ("dress", "dress"), ("bas", "bas"),
    ],
)  # fmt: skip
def test_the_singular_is_the_first_of_the_forms_that_a_noun_may_have(plural: str, forms: str) -> None:
    assert noun_forms(plural) == tuple(forms.split())
    assert singular(plural) == (forms.split() * 2)[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Linen T-shirt", ["linen", "tshirt"]), ("T shirt, V neck", ["tshirt", "vneck"]), ("t’shirt", ["t", "shirt"]),
        ("d'été", ["d", "ete"]), ("Œuvre", ["oeuvre"]), ("long-sleeved", ["long", "sleeved"]), ("501", ["501"]),
        ("a dress", ["a", "dress"]), ("ＬＩＮＥＮ", ["linen"]), ("STRASSE straße", ["strasse", "strasse"]), ("", []),
        ("!?", []),
        ("платье", ["plate"]), ("snake_case", ["snake", "case"]),
    ],
)  # fmt: skip
def test_a_text_is_read_in_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words
    assert words_of(unicodedata.normalize("NFD", text)) == words


@pytest.mark.parametrize(
    "text", ["Robe d'été, lin", unicodedata.normalize("NFD", "Été d'été"), "ǰ Straße ﬁn", "İstanbul robe"]
)
def test_a_word_knows_its_place(text: str) -> None:
    normal = unicodedata.normalize("NFC", text)

    assert [normal[unit.start : unit.end] for unit in units(normal)] == [unit.text for unit in units(normal)]


@pytest.mark.parametrize(
    ("code", "token"),
    [
        ("TS-01 b", "xts01b"),
        ("ts01B", "xts01b"),
        ("4006381333931", "x4006381333931"),
        ("-", ""),
        ("7", ""),
        ("É1", "xe1"),
    ],
)
def test_a_code_is_its_letters_and_digits(code: str, token: str) -> None:
    assert code_token(code) == token


def test_a_document_holds_the_tokens_of_both_languages() -> None:
    document = analyse(
        Texts(
            "Linen dress, white", "Robe en lin", "With pockets", "", ("D-1",), categories=(3,), brand=4, colours=(5, 6)
        )
    )

    assert document.title.split(" z ") == [
        "wlinen wdress wwhite", "wrobe wen wlin", "elinen edress ewhite", "frob fen flin", "hdress hrobe",
        "nlinendresswhite nrobeenlin",
    ]  # fmt: skip
    assert (document.traits, document.codes) == ("c3 b4 k5 k6", "xd1")
    # The one description may be in either language.
    assert document.text.split(" z ") == ["ewith epocket", "fwith fpocket"]
    assert set(document.words) == {"linen", "dress", "white", "robe", "lin", "with", "pockets"}


def test_a_document_says_of_an_only_colour_that_it_is_the_only_one() -> None:
    assert analyse(Texts("Dress", colours=(5,))).traits == "k5 o5"


def test_no_phrase_runs_from_one_text_into_another() -> None:
    document = Tokens([TITLE], [analyse(Texts("Linen dress", "Robe en lin")).title])

    assert predicate(phrase(TITLE, "wlinen wdress"))(document)
    assert not predicate(phrase(TITLE, "wdress wrobe"))(document)


def test_long_texts_and_words_are_cut() -> None:
    document = analyse(Texts("x" * 500, description=f"{'a ' * TEXT_MAX_CHARACTERS}behind"))

    assert max(map(len, document.title.split())) == TOKEN_MAX_CHARACTERS + 1
    assert "behind" not in document.text
    assert all(len(word) <= TOKEN_MAX_CHARACTERS for word in document.words)


def test_a_stem_is_never_empty() -> None:
    for word in ("s", "es", "ees", "x", "er", "ss", "é"):
        assert english_stem(word) and french_stem(word), word
