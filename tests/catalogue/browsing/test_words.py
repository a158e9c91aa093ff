"""A shopper's words: which filter, which rank, and how each is lifted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from catalogue.browsing.filters import NO_FILTERS, parse_filters
from catalogue.browsing.text_match import match_words
from catalogue.browsing.words import SearchWords, parse_words, read_words
from catalogue.exceptions import InvalidRequestError
from catalogue.models import Colour
from catalogue.text_search import names as shop_names
from catalogue.text_search.names import forget_names
from tests.catalogue.text_search.synonyms import restore_default_synonyms
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]

COLOURS = {
    "blue": ("Blue", "Bleu"), "navy": ("Navy", "Bleu marine"), "white": ("White", "Blanc"), "grey": ("Grey", "Gris"),
    "red": ("Red", "Rouge"), "purple": ("Purple", "Violet"), "gold": ("Gold", "Or"), "pink": ("Pink", "Rose"),
}  # fmt: skip
CATEGORIES = {
    "dress": ("Dresses", "Robes"), "coats": ("Coats & jackets", "Manteaux et vestes"),
    "dresses-coats": ("Dresses and coats", "Robes et manteaux"), "t-shirt": ("T-shirts", "T-shirts"),
    "shorts": ("Shorts", "Shorts"), "longsleeve": ("Long-sleeved tops", "Hauts à manches longues"),
    "beauty": ("Beauty", "Beauté"), "accessories": ("Accessories", "Accessoires"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def names() -> None:
    restore_default_synonyms()
    for slug, (name, name_fr) in COLOURS.items():
        ColourFactory.create(slug=slug, name=name, name_fr=name_fr)
    for slug, (name, name_fr) in CATEGORIES.items():
        CategoryFactory.create(slug=slug, name=name, name_fr=name_fr)


@pytest.fixture
def french() -> Iterator[None]:
    with translation.override("fr"):
        yield


def filters_of(words: SearchWords) -> dict[str, list[str]]:
    return words.narrow(NO_FILTERS).values()


def test_colours_and_categories_filter_and_the_other_words_rank() -> None:
    words = parse_words("  Blue linen  dresses, with a belt ")

    assert words.text == "Blue linen dresses, with a belt"
    assert filters_of(words) == {"colour": ["blue"], "category": ["dress"]}
    assert words.ranking == ("linen", "belt")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("bleue", "blue"), ("BLEUES", "blue"), ("bleus", "blue"), ("rouges", "red"), ("blanche", "white"),
        ("blanches", "white"), ("grise", "grey"), ("gris", "grey"), ("gray", "grey"), ("violettes", "purple"),
        ("roses", "pink"), ("bleu marine", "navy"), ("Bleu-Marine", "navy"), ("bluish", ""),
    ],
)  # fmt: skip
def test_a_colour_is_known_in_both_languages_in_the_plural_and_the_feminine(text: str, slug: str) -> None:
    assert filters_of(parse_words(text)).get("colour", []) == ([slug] if slug else [])


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("dress", "dress"), ("dresses", "dress"), ("ROBE", "dress"), ("robes", "dress"), ("jacket", "coats"),
        ("veste", "coats"), ("manteaux et vestes", "coats"), ("tshirt", "t-shirt"), ("T-shirts", "t-shirt"),
        ("t shirt", "t-shirt"), ("haut à manches longues", "longsleeve"), ("beaute", "beauty"), ("BEAUTÉ", "beauty"),
        ("accessory", "accessories"), ("shorts", "shorts"), ("vest", ""), ("beau", ""),
    ],
)  # fmt: skip
def test_a_category_is_known_by_its_name_and_each_part_of_it_in_singular_and_plural(text: str, slug: str) -> None:
    assert filters_of(parse_words(text)).get("category", []) == ([slug] if slug else [])


def test_a_part_of_a_name_counts_only_where_no_category_has_just_that_name() -> None:
    assert filters_of(parse_words("dresses"))["category"] == ["dress"]
    assert filters_of(parse_words("dresses and coats"))["category"] == ["dresses-coats"]
    assert filters_of(parse_words("coat"))["category"] == ["coats", "dresses-coats"]


def test_a_short_dress_is_no_pair_of_shorts() -> None:
    words = parse_words("short dress")

    assert filters_of(words) == {"category": ["dress"]}
    assert words.ranking == ("short",)


def test_or_is_a_little_word_in_english_and_gold_in_french(french: None) -> None:
    in_french = parse_words("robe or")
    with translation.override("en"):
        in_english = parse_words("red or blue")

    assert filters_of(in_french) == {"colour": ["gold"], "category": ["dress"]}
    assert filters_of(in_english) == {"colour": ["red", "blue"]}
    assert in_english.ranking == ()


def test_a_filter_that_is_given_wins_over_one_by_words() -> None:
    words = parse_words("blue red linen dress")
    given = parse_filters({"colour": ["white", "red"]})

    assert words.narrow(given).values() == {"colour": ["red", "white"], "category": ["dress"]}
    assert [term.text for term in words.overridden(given)] == ["blue"]
    assert [term.title for term in words.narrowing(given)] == ["Dresses"]


@pytest.mark.parametrize(
    ("text", "lifted", "left"),
    [
        ("blue linen dresses", "blue", "linen dresses"),
        ("blue linen, Bleue", "blue", "linen"),
        ("bleu marine, lin", "bleu marine", "lin"),
        ("Été linen été", "Été", "linen"),
        ("blue", "blue", ""),
    ],
)
def test_lifting_a_word_leaves_the_others_as_they_were_typed(text: str, lifted: str, left: str) -> None:
    words = parse_words(text)
    term = next(term for term in words.terms if term.text == lifted)

    assert words.without(term) == left


@pytest.mark.parametrize("text", ["", "   ", "!!! ,", "with the"])
def test_a_text_without_words_filters_and_ranks_nothing(text: str) -> None:
    words = parse_words(text)

    assert (words.terms, words.ranking, words.narrow(NO_FILTERS)) == ((), (), NO_FILTERS)


def test_reading_words_takes_four_queries_however_many_words_there_are_and_then_none_for_a_while() -> None:
    forget_names()
    with CaptureQueriesContext(connection) as captured:
        parse_words("boxes foxes watches dresses blue " * 6)
    with CaptureQueriesContext(connection) as again:
        parse_words("boxes")

    assert (len(captured), len(again)) == (4, 0)


def test_a_name_that_was_changed_counts_at_once() -> None:
    row = CategoryFactory.create(slug="ponchos", name="Ponchos")
    assert filters_of(parse_words("poncho")) == {"category": ["ponchos"]}

    row.name = "Kilts"
    row.save()

    assert filters_of(parse_words("poncho")) == {}
    assert filters_of(parse_words("kilt")) == {"category": ["ponchos"]}


def test_synonyms_of_a_name_filter_too() -> None:
    assert filters_of(parse_words("navy blue frock")) == {"colour": ["navy"], "category": ["dress"]}
    assert filters_of(parse_words("tee")) == {"category": ["t-shirt"]}


@pytest.mark.parametrize("text", ["x" * 201, "blue\0"])
def test_a_text_that_is_too_long_or_not_storable_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        read_words({"q": text})

    assert list(refused.value.errors) == ["q"]
    assert read_words({"q": "x" * 200}).ranking == ("x" * 200,)


def articles(**named: dict[str, Any]) -> dict[str, int]:
    category = CategoryFactory.create(slug="things", name="Things")
    brand = BrandFactory.create(slug="nord", name="Nord")
    return {
        sku: ArticleFactory.create(sku=sku, category=category, brand=brand, **values).pk
        for sku, values in named.items()
    }


def test_articles_match_words_whole_in_the_plural_or_by_their_beginning() -> None:
    keys = articles(
        a={"name": "Linen shirt"},
        b={"name": "Shirt", "description_fr": "Une chemise PLISSÉE en lin."},
        c={"name": "Ballet shoes", "description": "With linens"},
        d={"name": "Évening shirt", "description": "A V neck"},
    )

    found = match_words(keys.values(), ["linen", "lin", "plissé", "even", "soirée", "v-neck", "Nord"])

    assert found == {
        # In either language.
        "linen": {keys["a"]: 1.0, keys["b"]: 1.0, keys["c"]: 1.0},
        "lin": {keys["a"]: 1.0, keys["b"]: 1.0, keys["c"]: 1.0},
        "plissé": {keys["b"]: 1.0},
        "even": {keys["d"]: 0.5},
        "soirée": {keys["d"]: 1.0},
        "v-neck": {keys["d"]: 1.0},
        "Nord": dict.fromkeys(keys.values(), 1.0),
    }


def test_only_the_articles_that_are_named_are_looked_at() -> None:
    keys = articles(a={"name": "Linen"}, b={"name": "Linen"})

    match_words([keys["b"]], ["linen"])
    with CaptureQueriesContext(connection) as captured:
        found = match_words([keys["b"]], ["linen", "wool"])
    assert match_words([], ["linen"]) == {"linen": {}}

    assert found == {"linen": {keys["b"]: 1.0}, "wool": {}}
    assert len(captured) == 1


def test_names_that_are_as_they_were_are_read_and_not_taken_apart_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.text_search.names.NAMES_KEPT_S", 0.0)
    colour = ColourFactory.create(name="Teal")
    before = shop_names.names()

    assert shop_names.names() is before

    # A statement, which sends no signal.
    Colour.objects.filter(pk=colour.pk).update(name="Ochre")
    assert shop_names.names() is not before
    assert shop_names.names().meaning(["ochre"]).colours == {colour.pk}
