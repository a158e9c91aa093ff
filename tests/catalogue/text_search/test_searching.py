"""Text search: what is found, in which order, and what is said of it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from catalogue.browsing.filters import ArticleFilters
from catalogue.browsing.listing import ListQuery, listed
from catalogue.models import Article, SynonymGroup
from catalogue.text_search import searching
from catalogue.text_search.searching import MAX_IDS, TextSearch, plan_search
from catalogue.text_search.spelling import slips, spelled
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def plan(text: str) -> TextSearch:
    search = plan_search(text, Article.objects.published())
    assert search is not None
    return search


def found(text: str, ordering: str = "") -> list[str]:
    query = ListQuery(text, ordering=ordering)
    return [article.sku for article in listed(query, Article.objects.published(), plan(text))]


def test_name_then_brand_then_colour_then_synonym_then_another_form_then_description() -> None:
    brand, colour = BrandFactory.create(name="Poncho"), ColourFactory.create(name="Poncho")
    SynonymGroup.objects.create(words="poncho, ruana")
    ArticleFactory.create(sku="described", name="Thing", description="Like a poncho.")
    ArticleFactory.create(sku="coloured", name="Thing", colours=[colour])
    ArticleFactory.create(sku="stemmed", name="Thing of ponchoed wool")
    ArticleFactory.create(sku="branded", name="Thing", brand=brand)
    ArticleFactory.create(sku="synonym", name="Striped ruana stole")
    ArticleFactory.create(sku="name", name="Poncho pin")
    ArticleFactory.create(sku="noun", name="Striped poncho")

    assert found("poncho") == ["noun", "name", "branded", "coloured", "synonym", "stemmed", "described"]


def test_articles_of_a_category_come_before_those_that_have_its_name_in_theirs_alone() -> None:
    dresses, shirts = CategoryFactory.create(name="Dresses"), CategoryFactory.create(name="Shirts")
    ArticleFactory.create(sku="maria", name="Maria", category=dresses)
    ArticleFactory.create(sku="shirt", name="Dress shirt", category=shirts)

    assert found("dress") == ["maria", "shirt"]


def test_a_category_has_the_articles_of_those_below_it() -> None:
    parent = CategoryFactory.create(name="Knitwear")
    child = CategoryFactory.create(name="Cardigans", parent=parent)
    ArticleFactory.create(sku="a", name="Thing", category=child)

    assert found("knitwear") == ["a"]


def test_among_equals_what_is_in_stock_comes_first_then_the_newest() -> None:
    for sku, stock in (("old", 1), ("gone", 0), ("uncounted", None), ("new", 3)):
        ArticleFactory.create(sku=sku, name="Poncho", stock=stock)

    assert found("poncho") == ["new", "uncounted", "old", "gone"]


def test_in_stock_counts_for_more_than_how_well_articles_of_one_kind_are_named() -> None:
    dresses, red = CategoryFactory.create(name="Dresses"), ColourFactory.create(name="Red")
    ArticleFactory.create(sku="gone", name="Red dress", name_fr="Robe", category=dresses, colours=[red], stock=0)
    for sku, stock in (("sold out", 0), ("here", 2)):
        ArticleFactory.create(sku=sku, name="Maria", category=dresses, colours=[red], stock=stock)
    ArticleFactory.create(sku="named", name="Wide red dress", category=dresses, colours=[red], stock=0)

    assert found("dress red") == ["here", "named", "gone", "sold out"]
    # Its name is what was typed.
    assert found("red dress") == found("Red Dresses") == ["gone", "here", "named", "sold out"]


def test_what_a_word_names_comes_before_what_has_it_in_its_name_even_if_it_is_sold_out() -> None:
    dresses, shirts = CategoryFactory.create(name="Dresses"), CategoryFactory.create(name="Shirts")
    ArticleFactory.create(sku="dress", name="Maria", category=dresses, stock=0)
    ArticleFactory.create(sku="shirt", name="Dress shirt", category=shirts, stock=5)

    assert found("dress") == ["dress", "shirt"]


def test_of_one_colour_comes_before_of_several() -> None:
    red, black = ColourFactory.create(name="Red"), ColourFactory.create(name="Black")
    ArticleFactory.create(sku="plain", name="Poncho", colours=[red])
    ArticleFactory.create(sku="patterned", name="Poncho", colours=[black, red])

    assert found("red poncho") == ["plain", "patterned"]


def test_words_that_follow_each_other_in_a_name_come_first_and_quotation_marks_ask_for_it() -> None:
    ArticleFactory.create(sku="row", name="Silk lining poncho")
    ArticleFactory.create(sku="apart", name="Lining of silk, poncho")

    assert found("silk lining") == ["row", "apart"]
    assert found('"silk lining"') == found("« silk lining »") == found("“silk linings”") == ["row"]


@pytest.mark.parametrize("text", ["T-shirt", "t shirt", "TSHIRT", "tee", "tees", "t‑shirts", "tee-shirt"])
def test_a_word_may_be_written_in_one_or_two(text: str) -> None:
    ArticleFactory.create(sku="a", name="Striped T-shirt")
    ArticleFactory.create(sku="b", name="Shirt")

    assert found(text)[0] == "a"


def test_hat_finds_no_what_and_no_that() -> None:
    ArticleFactory.create(sku="a", name="Straw hat")
    ArticleFactory.create(sku="b", name="Thing", description="What that is.")

    assert found("hat") == ["a"]


@pytest.mark.parametrize("text", ["AB-12/3", "ab123", "AB 12 3", "ab-12-3"])
def test_a_sku_is_found_however_it_is_spaced_and_comes_first(text: str) -> None:
    ArticleFactory.create(sku="other", name="AB123")
    ArticleFactory.create(sku="AB-12/3", name="Thing")

    assert found(text)[0] == "AB-12/3"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("pomcho", "poncho"), ("ponchp", "poncho"), ("pncho", "poncho"), ("ponncho", "poncho"), ("pnocho", "poncho")],
)
def test_one_slip_of_the_finger_is_mended_and_said(typed: str, meant: str) -> None:
    ArticleFactory.create(sku="a", name="Poncho")

    search = plan(f"{typed} ponchos")

    assert (search.corrected, search.found, found(typed)) == (f"{meant} ponchos", True, ["a"])


def test_short_words_and_two_slips_are_not_mended() -> None:
    ArticleFactory.create(sku="a", name="Silk poncho")

    assert (found("slik"), found("pamcho")) == ([], [])


def test_of_two_words_that_may_be_meant_the_one_that_finds_more_is_taken() -> None:
    ArticleFactory.create(sku="rare", name="Linea")
    for number in range(3):
        ArticleFactory.create(sku=f"linen{number}", name="Linen thing")

    assert plan("linec").corrected == "linen"
    assert plan("linec thing").corrected == "linen thing"


def test_a_rare_spelling_that_is_found_asks_for_the_one_that_finds_much_more() -> None:
    ArticleFactory.create(sku="slip", name="Thing", description="Of linnen.")
    for number in range(12):
        ArticleFactory.create(sku=str(number), name="Linen thing")

    search = plan("linnen thing")

    assert (search.did_you_mean, search.corrected, search.ids is not None) == ("linen thing", "", True)
    assert found("linnen thing") == ["slip"]


def test_the_beginning_of_a_word_finds_it_where_no_article_has_just_that_word() -> None:
    ArticleFactory.create(sku="a", name="Cardigan", description="Of corduroy.")

    assert found("cardig") == found("cordu") == ["a"]
    assert plan("cardig").corrected == ""


def test_words_that_nothing_has_are_left_out_and_said() -> None:
    ArticleFactory.create(sku="a", name="Poncho")

    search = plan("poncho qwertz 12345")

    assert (search.unused, search.found, found("poncho qwertz")) == (("qwertz", "12345"), True, ["a"])


def test_where_nothing_has_all_words_those_with_the_most_come_first() -> None:
    ArticleFactory.create(sku="two", name="Silk poncho")
    ArticleFactory.create(sku="one", name="Felt kilt")
    ArticleFactory.create(sku="none", name="Thing")

    search = plan("silk poncho felt")

    assert search.relaxed
    assert found("silk poncho felt") == ["two", "one"]


def test_of_words_that_nothing_has_together_a_bounded_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MAX_CLOSEST", 2)
    for sku, name in (("both", "Silk poncho"), ("a", "Silk"), ("b", "Poncho"), ("c", "Felt")):
        ArticleFactory.create(sku=sku, name=name)
    hidden = [ArticleFactory.create(name="Silk poncho", published=False) for _ in range(2)]

    assert plan("silk poncho felt").relaxed
    # First so many of the index were of articles that nobody sees.
    assert found("silk poncho felt") == ["both", "c"]
    assert len(hidden) == searching.MAX_CLOSEST


def test_words_count_among_all_products_whatever_is_filtered(client: Client) -> None:
    category = CategoryFactory.create(slug="kilts", name="Kilts")
    ArticleFactory.create(name="Poncho")

    page = client.get(reverse("catalogue:category", args=[category.slug]), {"q": "poncho"})

    # The word is known: there is only no poncho among the kilts.
    assert page.context["search"].unused == ()
    assert page.context["page"].paginator.count == 0


def test_unpublished_articles_teach_no_words_and_are_not_found() -> None:
    ArticleFactory.create(sku="a", name="Poncho", published=False)

    assert found("poncho") == []
    assert not plan("poncho").found


def test_another_order_keeps_what_is_found() -> None:
    ArticleFactory.create(sku="dear", name="Poncho", price=9)
    ArticleFactory.create(sku="cheap", name="Thing", description="poncho", price=1)

    assert found("poncho", "price") == ["cheap", "dear"]
    assert found("poncho", "relevance") == ["dear", "cheap"]


@pytest.mark.parametrize(
    "text",
    [
        "'", '"', '""', "*", "poncho*", "NEAR(a b)", "title:poncho", "a OR b", "-poncho", "{title}:x",
        "poncho) OR (1=1",
        "& | !", "<->", ":*", "'; DROP TABLE catalogue_article; --", "\\", "%", "_", "ー", "👗", "a" * 200, "x " * 100,
        "e\u0301" * 50, "«", "“ ”", "\u202e", "1e5", "0x1f", "http://a/b?c=d", "a@b.c", "½", "²",
    ],
)  # fmt: skip
def test_no_text_breaks_out_of_the_engines_language(client: Client, text: str) -> None:
    ArticleFactory.create(sku="a", name="Poncho")

    response = client.get("/articles/", {"q": text})

    assert response.status_code == 200
    assert client.get(reverse("catalogue:suggestions"), {"q": text}).status_code == 200
    assert client.get("/api/articles", {"q": text, "facets": "true"}).status_code == 200


def test_a_broad_search_is_counted_whole() -> None:
    Article.objects.bulk_create(
        Article(sku=str(number), name="Poncho", slug="poncho", stock=number % 2) for number in range(MAX_IDS + 5)
    )

    assert plan("poncho").ids is None
    assert len(found("ponchos")) == MAX_IDS + 5
    assert len(found("pomcho")) == MAX_IDS + 5


def test_filters_narrow_what_words_find() -> None:
    red = ColourFactory.create(name="Red")
    ArticleFactory.create(sku="a", name="Poncho", colours=[red])
    ArticleFactory.create(sku="b", name="Poncho")
    query = ListQuery("poncho", ArticleFilters(colours=(red,)))

    assert [row.sku for row in listed(query, Article.objects.published(), plan("poncho"))] == ["a"]


def test_the_page_says_what_was_done(client: Client) -> None:
    ArticleFactory.create(name="Silk poncho")
    ArticleFactory.create(name="Felt kilt")

    def told(text: str, language: str = "") -> str:
        return client.get(f"{language}/articles/", {"q": text}).content.decode()

    assert escape("No products match “pomcho”. Showing results for “poncho”.") in told("pomcho")
    assert "No products match all of “silk kilt”. Here is what comes closest:" in told("silk kilt")
    assert "No product mentions “qwertz”, so it was ignored." in told("kilt qwertz")
    assert "Voici les résultats pour" in told("pomcho", "/fr")
    assert 'class="notice"' not in told("silk poncho")


def test_synonyms_of_staff_count_at_once_and_only_while_they_are_active(admin_client: Client) -> None:
    ArticleFactory.create(sku="a", name="Poncho")
    assert found("ruana") == []

    response = admin_client.post(
        reverse("admin:catalogue_synonymgroup_add"), {"words": "ruana, Poncho\nserape", "active": "on"}
    )

    assert response.status_code == 302
    assert (found("ruanas"), found("serape")) == (["a"], ["a"])
    SynonymGroup.objects.filter(words__contains="ruana").get().delete()
    assert found("ruana") == []


@pytest.mark.parametrize(
    "words", ["", "one", "one, one", "a b c d e, f", ", ,", "hat, !?", ", ".join(map(str, range(41)))]
)
def test_a_group_needs_two_words_that_can_be_typed(admin_client: Client, words: str) -> None:
    before = SynonymGroup.objects.count()

    response = admin_client.post(reverse("admin:catalogue_synonymgroup_add"), {"words": words, "active": "on"})

    assert response.status_code == 200 and response.context["errors"]
    assert SynonymGroup.objects.count() == before


def test_signs_without_a_shape_are_no_part_of_a_synonym() -> None:
    group = SynonymGroup.objects.create(words="pon\u00adcho, \u202eruana\u202c\nsera\tpe")

    assert group.words == "poncho, ruana, sera pe"


def test_slips_are_all_words_at_a_distance_of_one() -> None:
    near = slips("abcde")

    assert {"abcd", "bcde", "bacde", "abxde", "abcdef", "zabcde"} <= near
    assert not {"abcde", "abc", "abcdefg", "edcba"} & near
    assert spelled("hat", frozenset({"cat"})) == []
    assert spelled("ponchx", frozenset({"poncho", "xonchx"})) == ["poncho", "xonchx"]


def test_words_behind_the_first_twelve_are_ignored_and_named_however_wide_their_synonyms(client: Client) -> None:
    letters = "abcdefghijklm"
    for letter in letters:
        others = ", ".join(f"w{letter}{number} tail{number} more end" for number in range(39))
        SynonymGroup.objects.create(words=f"word{letter}, {others}")
    ArticleFactory.create(sku="a", name=" ".join(f"word{letter}" for letter in letters[:12]))
    text = " ".join(f"word{letter}" for letter in letters)

    assert (plan(text).ignored, plan(text).unused, found(text)) == (("wordm",), (), ["a"])
    assert plan(text.removesuffix(" wordm")).ignored == ()
    assert "These were ignored: wordm" in client.get("/articles/", {"q": text}).text


def test_an_app_is_told_what_was_done_with_the_words(client: Client) -> None:
    ArticleFactory.create(name="Silk poncho")
    ArticleFactory.create(name="Felt kilt")

    def told(text: str) -> dict[str, object]:
        answer: dict[str, object] = client.get("/api/articles", {"q": text}).json()["search"]
        return answer

    assert told("silk") == {"corrected": "", "did_you_mean": "", "unused": [], "ignored": [], "relaxed": False}
    assert told("pomcho qwertz")["corrected"] == "poncho qwertz"
    assert told("poncho qwertz")["unused"] == ["qwertz"]
    assert told("silk kilt")["relaxed"] is True
    assert "search" not in client.get("/api/articles").json()
