"""An article of several categories is in the lists, counts and filters of each, and has one address and path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from catalogue.browsing.facets import count_facets
from catalogue.browsing.filters import apply_filters, parse_filters
from catalogue.browsing.offers import published_offer
from catalogue.browsing.tree import category_tree, walk
from catalogue.feeds import import_articles, open_source, recognise
from catalogue.models import Article, Category
from tests.catalogue.api.conftest import client_of, send
from tests.factories import ArticleFactory, CategoryFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def article() -> Article:
    """A dress, in Women > Dresses, listed in Women > Sale and in New too."""
    women = CategoryFactory.create(slug="women", name="Women")
    dresses = CategoryFactory.create(slug="dresses", name="Dresses", parent=women)
    sale = CategoryFactory.create(slug="sale", name="Sale", name_fr="Soldes", parent=women)
    new = CategoryFactory.create(slug="new", name="New", name_fr="Nouveautés")
    ArticleFactory.create(name="Other", category=new)
    made: Article = ArticleFactory.create(sku="d", name="Dress", category=dresses)
    made.additional_categories.set([sale, new])
    return made


def paths(article: Article) -> set[str]:
    return {
        " > ".join(each.name for each in [*Category.objects.get_ancestors(row), row])
        for row in article.additional_categories.all()
    }


@pytest.mark.parametrize(
    ("slug", "names"),
    [("women", ["Dress"]), ("dresses", ["Dress"]), ("sale", ["Dress"]), ("new", ["Dress", "Other"])],
)
def test_it_is_in_the_list_of_each_of_its_categories_once(
    client: Client, article: Article, slug: str, names: list[str]
) -> None:
    page = client.get(reverse("catalogue:category", args=[slug])).context["page"]
    answer = client.get("/api/articles", {"category": slug}).json()

    assert [found.name for found in page.object_list] == names
    assert [found["name"] for found in answer["results"]] == names


def test_every_count_is_what_the_list_has(article: Article) -> None:
    published = Article.objects.published()

    tree = {branch.category.slug: branch.count for branch in walk(category_tree())}
    facets = {one.row.slug: one.count for one in count_facets(parse_filters({}), published_offer()).categories}

    assert tree == facets == {"women": 1, "dresses": 1, "sale": 1, "new": 2}
    for slug, count in tree.items():
        assert apply_filters(parse_filters(QueryDict(f"category={slug}")), published).count() == count


def test_its_page_has_one_path_and_links_to_the_others(client: Client, article: Article) -> None:
    page = client.get(article.get_absolute_url()).text

    assert page.index(">Women</a>") < page.index(">Dresses</a>")
    links = page[page.index("Also in:") :]
    assert links.index(">Sale</a>") < links.index(">New</a>")
    assert client.get("/sitemap-categories.xml").status_code in {200, 404}


@pytest.mark.parametrize(
    "text",
    [
        "id\timage_link\tproduct_type\tproduct_type\nd\t\tWomen > Dresses\tWomen > Sale\n",
        'Type,SKU,Name,Published,Regular price,Categories\nsimple,d,Dress,1,5,"Women, Women > Dresses, Women > Sale"\n',
        "ID;Name;Reference;Price (tax incl.);Categories (x,y,z...)\n1;Dress;d;5;Women > Dresses,Women > Sale\n",
        "sku,attribute_set_code,product_type,name,categories\n"
        'd,x,simple,Dress,"Root/Women,Root/Women/Dresses,Root/Women/Sale"\n',
        "sku,category,additional_category\nd,Women > Dresses,Women > Sale\n",
    ],
    ids=["google", "woocommerce", "prestashop", "magento", "csv"],
)
def test_every_source_with_several_categories_fills_them(tmp_path: Path, text: str) -> None:
    file = tmp_path / "feed.csv"
    file.write_text(text, encoding="utf-8")
    reader = open_source(file, kind=recognise(file))

    for _ in import_articles(reader):
        pass
    *_, again = import_articles(reader)

    found = Article.objects.get()
    assert found.category and found.category.name == "Dresses"
    assert paths(found) == {"Women > Sale"}
    assert again.unchanged == 1


@pytest.mark.parametrize(("cell", "left"), [("", {"Women > Sale", "New"}), ("[clear]", set()), ("New", {"New"})])
def test_an_empty_cell_leaves_them_and_clear_takes_them_away(
    tmp_path: Path, article: Article, cell: str, left: set[str]
) -> None:
    file = tmp_path / "feed.csv"
    file.write_text(f"sku,additional_category\nd,{cell}\n", encoding="utf-8")

    for _ in import_articles(open_source(file, kind="csv")):
        pass

    assert paths(article) == left


def test_what_is_exported_and_imported_into_an_empty_shop_has_the_same_categories(
    tmp_path: Path, article: Article
) -> None:
    article.additional_categories.add(CategoryFactory.create(name="A > b | c\\", slug="odd"))
    before = sorted(Category.objects.values_list("slug", "name", "name_fr", "depth"))
    listed = paths(article)
    file = str(tmp_path / "shop.csv")

    call_command("export_catalogue", file, verbosity=0)
    Article.all_objects.all().purge()
    Category.objects.all().delete()
    call_command("import_catalogue", file, verbosity=0)

    assert sorted(Category.objects.values_list("slug", "name", "name_fr", "depth")) == before
    assert paths(Article.objects.get(sku="d")) == listed


def test_apps_read_and_write_them(client: Client, admin_user: Any, article: Article) -> None:
    address = f"/api/articles/{article.pk}"

    assert client.get(address).json()["additional_categories"] == [
        {"slug": "sale", "name": "Sale"}, {"slug": "new", "name": "New"},
    ]  # fmt: skip
    changed = send(client_of(admin_user), "patch", address, {"additional_categories": ["new"]})
    assert [row["slug"] for row in changed.json()["additional_categories"]] == ["new"]


def test_staff_edit_them_in_the_form(admin_client: Client, article: Article) -> None:
    page = admin_client.get(reverse("admin:catalogue_article_change", args=[article.pk]))

    assert 'name="additional_categories"' in page.text


def test_home_shows_a_category_by_a_photo_of_what_is_only_listed_in_it(client: Client) -> None:
    sale = CategoryFactory.create(slug="sale", name="Sale")
    shown = ArticleFactory.create(category=CategoryFactory.create(slug="shoes"))
    shown.additional_categories.add(CategoryFactory.create(slug="last-pairs", parent=sale))
    first, second = (
        PhotoFactory.create(article=shown, position=position, colour=colour)
        for position, colour in enumerate(("#111111", "#eeeeee"))
    )
    for number in range(8):
        PhotoFactory.create(article=ArticleFactory.create(category=None), colour=f"#0000{number}0")

    pictures = {branch.category.slug: seen for branch, seen in client.get("/").context["categories"]}

    assert pictures == {"sale": first, "shoes": second}
