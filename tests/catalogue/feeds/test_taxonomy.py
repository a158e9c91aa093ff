"""A brand or colour is its name, a category its whole path of names; slugs are made from names and mean nothing."""

from __future__ import annotations

import unicodedata

import pytest

from catalogue.feeds.rows import TaxonomyRow
from catalogue.feeds.taxonomy import NewTerm, Terms
from catalogue.models import Article, Brand, Category, Colour
from catalogue.naming import clean_name, derive_slug, name_key, unique_slug
from tests.catalogue.feeds.rows import bring_in, numbers, row
from tests.factories import BrandFactory, CategoryFactory, ColourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def path_of(category: Category | None) -> str:
    """Return the names that lead to a category."""
    above = [] if category is None else [*Category.objects.get_ancestors(category), category]
    return " > ".join(each.name for each in above)


def paths() -> dict[str, str]:
    return {article.sku: path_of(article.category) for article in Article.objects.all()}


def test_categories_of_one_name_below_different_ones_are_different() -> None:
    bring_in(
        row("1", category=("Femme", "Chaussures")),
        row("2", category=("Homme", "Chaussures")),
        row("3", category=("Enfant", "Chaussures")),
        row("4", category=("Homme", "Chaussures")),
    )

    assert paths() == {
        "1": "Femme > Chaussures",
        "2": "Homme > Chaussures",
        "3": "Enfant > Chaussures",
        "4": "Homme > Chaussures",
    }
    assert sorted(Category.objects.values_list("slug", flat=True)) == [
        "chaussures", "enfant", "enfant-chaussures", "femme", "homme", "homme-chaussures",
    ]  # fmt: skip


def test_names_that_latin_slugs_would_merge_are_different() -> None:
    bring_in(
        row("a", category=("Одежда", "Куртки Dragonfly"), brand="H&M", colours=("Красный 1",)),
        row("b", category=("Одежда", "Штаны Dragonfly"), brand="HM", colours=("Синий 1",)),
    )

    assert paths() == {"a": "Одежда > Куртки Dragonfly", "b": "Одежда > Штаны Dragonfly"}
    article = Article.objects.get(sku="b")
    assert (str(article.brand), [colour.name for colour in article.colours.all()]) == ("HM", ["Синий 1"])
    assert (Brand.objects.count(), Colour.objects.count()) == (2, 2)


@pytest.mark.parametrize(
    ("one", "other"), [("Côte", "Cote"), ("C&A", "CA"), ("A+", "A-"), ("C++", "C"), ("H & M", "H&M"), ("!", "?")]
)
def test_names_that_differ_in_accents_and_signs_are_different_and_have_slugs_of_their_own(one: str, other: str) -> None:
    bring_in(row("1", brand=one, category=(one,)), row("2", brand=other, category=(other,)))

    assert sorted(Brand.objects.values_list("name", flat=True)) == sorted([one, other])
    assert paths() == {"1": one, "2": other}
    assert len(set(Brand.objects.values_list("slug", flat=True))) == 2


@pytest.mark.parametrize(
    "other", ["ÉTAM  Paris", "étam paris", unicodedata.normalize("NFD", "Étam Paris"), " Étam\N{NO-BREAK SPACE}Paris"]
)
def test_one_name_in_other_capitals_forms_of_accents_and_spaces_is_the_same(other: str) -> None:
    bring_in(
        row("1", brand="Étam Paris", category=("Étam Paris", "Été"), colours=("Étam Paris",)),
        row("2", brand=other, category=(other, "ÉTÉ"), colours=(other,)),
    )

    assert (Brand.objects.count(), Colour.objects.count(), Category.objects.count()) == (1, 1, 2)


def test_what_there_is_is_found_by_its_french_name() -> None:
    shirts = CategoryFactory.create(name="Shirts", name_fr="Chemises", parent=CategoryFactory.create(name="Men"))
    red, brand = ColourFactory.create(name="Red", name_fr="Rouge"), BrandFactory.create(name="Sea", name_fr="Mer")

    bring_in(row("1", category=("Men", "chemises"), colours=("ROUGE",), brand="Mer"))

    article = Article.objects.get()
    assert (article.category, article.brand, list(article.colours.all())) == (shirts, brand, [red])


def test_a_name_counts_before_the_french_name_of_another() -> None:
    BrandFactory.create(name="Sky", name_fr="Ciel")
    own = BrandFactory.create(name="Ciel", name_fr="")
    top = CategoryFactory.create(name="Pull", name_fr="Top")
    CategoryFactory.create(name="Top", name_fr="")

    bring_in(row("1", brand="Ciel", category=("Top",)))

    article = Article.objects.get()
    assert article.brand == own
    assert article.category != top


def test_a_slug_that_staff_chose_is_a_name_of_a_category_and_one_made_from_another_name_is_none() -> None:
    women = CategoryFactory.create(name="Women", slug="women")
    shirts = CategoryFactory.create(name="Tees", slug="t-shirt", parent=women)
    CategoryFactory.create(name="H&M", slug="hm")
    CategoryFactory.create(name="Côte d'Azur", slug="cote-dazur")

    bring_in(
        row("1", category=("T-Shirt",)),
        row("2", category=("Women", "t-shirt")),
        row("3", category=("cote-dazur",)),
        row("4", category=("Men", "T-Shirt")),
    )

    assert Article.objects.get(sku="1").category == Article.objects.get(sku="2").category == shirts
    assert {sku: path for sku, path in paths().items() if sku in "34"} == {"3": "cote-dazur", "4": "Men > T-Shirt"}


def test_the_slug_of_a_brand_or_colour_is_no_name_of_it() -> None:
    BrandFactory.create(name="Anna", slug="bella")
    ColourFactory.create(name="Red", slug="blue")

    bring_in(row("1", brand="Bella", colours=("Blue",)))

    article = Article.objects.get()
    assert (str(article.brand), [colour.name for colour in article.colours.all()]) == ("Bella", ["Blue"])
    assert article.brand and article.brand.slug == "bella-2"


@pytest.mark.parametrize("below", [0, 1, 2])
def test_a_single_name_is_the_one_category_below_that_is_called_so(below: int) -> None:
    for number in range(below):
        CategoryFactory.create(name="Shoes", parent=CategoryFactory.create(name=f"Above {number}"))

    bring_in(row("1", category=("shoes",)))

    assert paths()["1"] == ("Above 0 > Shoes" if below == 1 else "shoes")


def test_a_single_name_is_a_category_at_the_root_before_one_below() -> None:
    CategoryFactory.create(name="Shoes", parent=CategoryFactory.create(name="Women"))
    root = CategoryFactory.create(name="Shoes")

    bring_in(row("1", category=("Shoes",)))

    assert Article.objects.get().category == root


def test_what_one_import_makes_does_not_change_what_its_later_rows_mean() -> None:
    bring_in(row("1", category=("Women", "Hats")), row("2", category=("Hats",)), batch_size=1)

    assert paths() == {"1": "Women > Hats", "2": "Hats"}


def test_running_twice_makes_nothing_twice() -> None:
    rows = [
        row("1", category=("A", "B"), brand="C++", colours=("帽子",)),
        row("2", category=("C", "B"), brand="C", colours=("?",)),
        row("3", category=("B",)),
    ]
    bring_in(*rows)
    before = list(Category.objects.values()), list(Brand.objects.values()), list(Colour.objects.values())

    assert numbers(bring_in(*rows)) == (0, 0, 3, 0)
    assert (list(Category.objects.values()), list(Brand.objects.values()), list(Colour.objects.values())) == before


def test_details_say_more_of_what_is_made_and_leave_what_there_is() -> None:
    ColourFactory.create(name="Red", name_fr="Rouge", hex="#ff0000")

    bring_in(
        row(
            "1",
            category=(TaxonomyRow("Women", "femmes", "Femmes"), TaxonomyRow("Hats", "chapeaux")),
            colours=(TaxonomyRow("Red", "r", "Roux", "#000000"), TaxonomyRow("Sky", "", "Ciel", "#00aaff")),
        )
    )

    assert list(Category.objects.order_by("path").values_list("slug", "name_fr")) == [
        ("femmes", "Femmes"), ("chapeaux", ""),
    ]  # fmt: skip
    assert set(Colour.objects.values_list("name", "name_fr", "hex")) == {
        ("Red", "Rouge", "#ff0000"), ("Sky", "Ciel", "#00aaff"),
    }  # fmt: skip


def test_each_new_term_is_told_once() -> None:
    BrandFactory.create(name="There")
    terms = Terms()

    terms.category(("Women", "Hats"))
    terms.category(("women", "hats"))
    terms.brand("Anna")
    terms.brand("There")
    terms.colour("Red")

    assert set(terms.take_new()) == {
        NewTerm("category", "Women"), NewTerm("category", "Women > Hats"), NewTerm("brand", "Anna"),
        NewTerm("colour", "Red"),
    }  # fmt: skip
    assert terms.take_new() == ()


def test_names_are_the_same_without_regard_to_capitals_and_spaces_only() -> None:
    assert clean_name("  E\u0301te\u0301 \t indien ") == "Été indien"
    assert name_key("STRASSE") == name_key("straße") == name_key(" Strasse ")
    assert name_key("Été") != name_key("Ete")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Sky blue", "sky-blue"),
        ("Écharpe", "echarpe"),
        ("Одежда", "odezhda"),
        ("H&M", "h-m"),
        ("---", "none"),
        ("?", "none"),
        ("a" * 30, "a" * 10),
        ("a" * 9 + " b", "a" * 9),
    ],
)
def test_a_slug_is_made_from_a_name_in_any_script(name: str, slug: str) -> None:
    assert derive_slug(name, at_most=10, default="none") == slug


def test_a_slug_that_is_taken_has_a_number_and_is_as_long_as_its_column() -> None:
    taken = {"aaaa", "aa-2"}

    assert unique_slug("aaaa", at_most=4, taken=taken.__contains__) == "aa-3"
    assert unique_slug("b", at_most=4, taken=taken.__contains__) == "b"
    bring_in(row("1", brand="x" * 101), row("2", brand="x" * 102), row("3", category=("y" * 200, "y" * 200)))
    assert sorted(Brand.objects.values_list("slug", flat=True)) == ["x" * 98 + "-2", "x" * 100]
    assert {len(slug) for slug in Category.objects.values_list("slug", flat=True)} == {100}
