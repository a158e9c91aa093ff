"""Articles that are colours of one design: shoppers go from one to the other, staff and files say which they are."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalogue.feeds.column_guess import guess
from catalogue.feeds.csv_reader import FIELDS
from catalogue.models import Article
from tests.catalogue.api.conftest import client_of, send
from tests.factories import ArticleFactory, ColourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def design() -> dict[str, Article]:
    """A dress in three colours, one of them sold out, and others that are no colour of it."""
    red, blue = ColourFactory.create(name="Red", name_fr="Rouge"), ColourFactory.create(name="Blue", name_fr="Bleu")
    made = {
        "red": ArticleFactory.create(sku="red", name="Dress, red", style_number="D-17", colours=[red]),
        "blue": ArticleFactory.create(sku="blue", name="Dress, blue", style_number="D-17", stock=0, colours=[blue]),
        "plain": ArticleFactory.create(sku="plain", name="Dress, plain", style_number="D-17"),
    }
    ArticleFactory.create(sku="hidden", name="Dress, hidden", style_number="D-17", published=False)
    ArticleFactory.create(sku="binned", name="Dress, binned", style_number="D-17").delete()
    ArticleFactory.create(sku="other", name="Another dress", style_number="D-18")
    ArticleFactory.create(sku="alone", name="A dress alone")
    return made


def other_colours(page: str) -> list[tuple[str, str]]:
    """Return the links to other colours: the address, and the words."""
    part = re.search(r'<ul class="colour-choices">.*?</ul>', page, re.DOTALL)
    links = re.findall(r'<a href="([^"]*)">(.*?)</a>', part.group(), re.DOTALL) if part else []
    return [(address, " ".join(re.sub(r"<[^>]+>", " ", text).split())) for address, text in links]


def test_a_page_leads_to_the_other_colours_by_their_names(client: Client, design: dict[str, Article]) -> None:
    address = {colour: article.get_absolute_url() for colour, article in design.items()}
    page = client.get(address["red"]).text
    french = client.get(f"/fr{address['plain']}").text

    assert other_colours(page) == [
        (address["blue"], "Blue Out of stock"),
        (address["plain"], "Dress, plain"),
    ]
    assert [words for _, words in other_colours(french)] == ["Bleu Épuisé", "Rouge"]


def test_the_one_shown_stands_among_the_colours_and_is_marked(client: Client, design: dict[str, Article]) -> None:
    orders = []
    for article in (design["red"], design["blue"], design["plain"]):
        page = client.get(article.get_absolute_url()).text
        part = page.partition('<ul class="colour-choices">')[2].partition("</ul>")[0]

        assert re.findall(r'<a href="([^"]*)" aria-current="page">', part) == [article.get_absolute_url()]
        orders.append(re.findall(r'<a href="([^"]*)"', part))

    assert orders[0] == orders[1] == orders[2]


def test_two_shades_that_the_shop_calls_one_colour_are_told_apart_by_their_names(client: Client) -> None:
    blue = ColourFactory.create(name="Blue")
    for name in ("Skirt, petrol", "Skirt, sky"):
        ArticleFactory.create(name=name, style_number="S-1", colours=[blue])

    page = client.get(Article.objects.get(name="Skirt, sky").get_absolute_url()).text

    assert [words for _, words in other_colours(page)] == ["Skirt, petrol"]


def test_an_article_without_a_style_number_leads_nowhere(client: Client) -> None:
    one, _ = ArticleFactory.create_batch(2, style_number="")

    page = client.get(one.get_absolute_url()).text

    assert other_colours(page) == []
    assert 'class="colour-choices"' not in page
    assert client.get(f"/api/articles/{one.pk}").json()["colour_variants"] == []


def test_search_engines_are_told_the_group(client: Client, design: dict[str, Article]) -> None:
    page = client.get(design["red"].get_absolute_url()).text

    told = json.loads(page.partition('application/ld+json">')[2].partition("</script>")[0])[0]["isVariantOf"]
    assert told["productGroupID"] == "D-17"
    assert {variant["url"] for variant in told["hasVariant"]} == {
        f"http://testserver{article.get_absolute_url()}" for article in design.values()
    }


def test_an_app_reads_and_writes_it(admin_user: Any, client: Client, design: dict[str, Article]) -> None:
    staff = client_of(admin_user)
    changed = send(staff, "patch", f"/api/articles/{design['plain'].pk}", {"style_number": "D-18"})

    read = client.get(f"/api/articles/{design['red'].pk}").json()

    assert changed.json()["style_number"] == "D-18"
    assert [variant["sku"] for variant in changed.json()["colour_variants"]] == ["other"]
    assert read["style_number"] == "D-17"
    assert [
        (each["sku"], [c["name"] for c in each["colours"]], each["in_stock"]) for each in read["colour_variants"]
    ] == [("blue", ["Blue"], False)]


def test_it_costs_as_many_queries_for_many_colours_as_for_few(client: Client, design: dict[str, Article]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(design["red"].get_absolute_url())
        return len(captured)

    queries()
    of_few = queries()
    for article in ArticleFactory.create_batch(10, style_number="D-17"):
        article.colours.add(ColourFactory.create())

    assert queries() == of_few


def test_files_say_it_take_it_away_and_get_it_back(tmp_path: Path, design: dict[str, Article]) -> None:
    file = tmp_path / "styles.csv"
    file.write_text("sku,style_number\nred,D-18\nblue,\nplain,[clear]\n", encoding="utf-8")

    call_command("import_catalogue", str(file))

    assert dict(Article.objects.filter(sku__in=design).values_list("sku", "style_number")) == {
        "red": "D-18",
        "blue": "D-17",
        "plain": "",
    }
    call_command("export_catalogue", str(tmp_path / "out.csv"))
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as out:
        assert {row["sku"]: row["style_number"] for row in csv.DictReader(out) if row["sku"] == "red"} == {
            "red": "D-18"
        }


def test_staff_set_it_and_undo_it(admin_client: Client, design: dict[str, Article]) -> None:
    page = admin_client.get(reverse("admin:catalogue_article_change", args=[design["red"].pk])).text

    assert 'name="style_number" value="D-17"' in page
    found = admin_client.get(reverse("admin:catalogue_article_changelist") + "?q=D-18").text
    assert "Another dress" in found
    assert "Dress, red" not in found


def test_a_word_that_stands_for_no_style_number_links_nothing(client: Client) -> None:
    article, *_ = ArticleFactory.create_batch(62, style_number="N/A")

    assert other_colours(client.get(article.get_absolute_url()).text) == []


def test_a_style_number_is_the_number_of_an_article_where_there_is_no_other() -> None:
    assert guess(["Style number", "Product name"], [[], []], FIELDS) == ["sku", "name"]
    assert guess(["SKU", "Style number", "Name"], [[], [], []], FIELDS) == ["sku", "style_number", "name"]
    assert guess(["sku", "style_number"], [[], []], FIELDS) == ["sku", "style_number"]
    assert guess(["EAN", "Style number"], [[], []], FIELDS)[1] == "sku"
