"""Categories, brands and colours as staff keep them."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from catalogue.models import Brand, Category
from tests.admin_pages import filled_in
from tests.catalogue.admin.addresses import CATEGORIES, LIST, delete
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory

pytestmark = [pytest.mark.switch, pytest.mark.database]


def test_a_category_with_articles_below_it_is_not_deleted_and_the_page_links_to_them(admin_client: Client) -> None:
    women = CategoryFactory.create()
    dresses = CategoryFactory.create(name="Dresses", slug="dresses", parent=women)
    ArticleFactory.create_batch(2, category=dresses)

    for page in (
        admin_client.get(delete(women)),
        admin_client.post(delete(women), {"post": "yes"}),
        admin_client.post(CATEGORIES, {"action": "delete_selected", "_selected_action": [women.pk], "post": "yes"}),
    ):
        assert f'Dresses: <a href="{LIST}?category=dresses">2 products</a>' in page.content.decode()
        assert "Move or delete them first." in page.content.decode()
        assert Category.objects.count() == 2


def test_an_empty_category_is_deleted_with_those_below_it(admin_client: Client) -> None:
    women = CategoryFactory.create()
    CategoryFactory.create(parent=women)
    kept = CategoryFactory.create()

    admin_client.post(delete(women), {"post": "yes"})

    assert list(Category.objects.all()) == [kept]


def test_a_brand_with_articles_is_not_deleted(admin_client: Client) -> None:
    brand = BrandFactory.create(name="Maison Noire")
    ArticleFactory.create(brand=brand)

    page = admin_client.post(delete(brand), {"post": "yes"})

    assert f'Maison Noire: <a href="{LIST}?brand__id__exact={brand.pk}">1 product</a>' in page.content.decode()
    assert Brand.objects.get() == brand


def test_categories_are_a_tree_with_counts_that_dragging_rearranges(admin_client: Client) -> None:
    women, dresses = CategoryFactory.create(), CategoryFactory.create()
    ArticleFactory.create_batch(3, category=dresses)

    page = admin_client.get(CATEGORIES)
    moved = admin_client.post(
        reverse("admin:catalogue_category_changelist") + "move/",
        {"node": dresses.pk, "target": women.pk, "relation": "child"},
    )

    assert [link.split(">")[1] for link in re.findall(r"\?category=[^<]*", page.content.decode())] == ["0", "3"]
    assert moved.status_code == 200
    assert Category.objects.get_parent(Category.objects.get(pk=dresses.pk)) == women


def test_a_category_counts_the_articles_of_those_below_it_as_the_list_that_it_leads_to(admin_client: Client) -> None:
    women = CategoryFactory.create(name="Women")
    ArticleFactory.create_batch(2, category=CategoryFactory.create(parent=women))

    page = admin_client.get(CATEGORIES).content.decode()

    assert f'<a href="{LIST}?category={women.slug}">2</a>' in page
    assert len(admin_client.get(f"{LIST}?category={women.slug}").context["cl"].result_list) == 2


def test_a_category_is_added_below_another(admin_client: Client) -> None:
    women = CategoryFactory.create()
    add = reverse("admin:catalogue_category_add")
    form = filled_in(admin_client.get(add)) | {
        "name": "Skirts", "slug": "skirts", "treebeard_position": "first-child", "treebeard_ref_node": women.pk,
    }  # fmt: skip

    admin_client.post(add, form)

    below = Category.objects.get_children(Category.objects.get(pk=women.pk))
    assert [category.slug for category in below] == ["skirts"]


def test_the_article_form_completes_categories_as_staff_type(admin_client: Client) -> None:
    skirts = CategoryFactory.create(name="Skirts", name_fr="Jupes")
    CategoryFactory.create(name="Shoes")

    found = admin_client.get(
        reverse("admin:autocomplete"),
        {"term": "jup", "app_label": "catalogue", "model_name": "article", "field_name": "category"},
    )

    assert found.json() == {"results": [{"id": str(skirts.pk), "text": "Skirts"}], "pagination": {"more": False}}


def test_a_colour_is_shown_without_an_inline_style(admin_client: Client) -> None:
    ColourFactory.create(hex="#1f3a5f")

    page = admin_client.get(reverse("admin:catalogue_colour_changelist")).content.decode()

    assert 'fill="#1f3a5f"' in page
    assert "style=" not in page
