"""Staff's pages of the catalogue, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalogue.models import Article, Brand, Category, Photo, digest_of, photo_storage
from tests.admin_pages import filled_in
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory, PhotoFactory, drawn_picture

LIST = reverse("admin:catalogue_article_changelist")
ADD = reverse("admin:catalogue_article_add")
CATEGORIES = reverse("admin:catalogue_category_changelist")

RED, GREEN = drawn_picture("#c0392b"), drawn_picture("#27ae60")


def change(row: Any) -> str:
    return reverse(f"admin:catalogue_{row._meta.model_name}_change", args=[row.pk])


def delete(row: Any) -> str:
    return reverse(f"admin:catalogue_{row._meta.model_name}_delete", args=[row.pk])


def png(data: bytes, name: str = "front.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/png")


def listed(admin_client: Client, **parameters: Any) -> list[str]:
    page = admin_client.get(LIST, parameters)
    return [article.sku for article in page.context["cl"].result_list]


def test_a_new_article_is_saved_with_its_photos_in_the_order_they_were_added(admin_client: Client) -> None:
    category = CategoryFactory.create()
    form = filled_in(admin_client.get(ADD)) | {
        "sku": "D-1", "name": "Linen dress", "category": category.pk, "price": "39.90", "sizes": "S, M , L",
        "photos-TOTAL_FORMS": 2, "photos-0-file": png(RED), "photos-0-alt": "Front", "photos-1-file": png(GREEN),
    }  # fmt: skip

    page = admin_client.post(ADD, form)

    assert page.status_code == 302
    article = Article.objects.get()
    assert (article.sku, article.slug, article.category, article.sizes) == (
        "D-1", "linen-dress", category, ["S", "M", "L"],
    )  # fmt: skip
    photos = article.photos.all()
    assert [photo.sha256 for photo in photos] == [digest_of(png(RED)), digest_of(png(GREEN))]
    assert [photo.alt for photo in photos] == ["Front", ""]
    assert [photo.position for photo in photos] == [1, 2]


def test_dragged_photos_keep_their_new_order(admin_client: Client) -> None:
    article = ArticleFactory.create()
    first, second, third = (PhotoFactory.create(article=article, position=place) for place in (1, 2, 3))
    form = filled_in(admin_client.get(change(article))) | {
        "photos-0-position": 3, "photos-1-position": 1, "photos-2-position": 2,
    }  # fmt: skip

    admin_client.post(change(article), form)

    assert list(article.photos.all()) == [second, third, first]


def test_a_replaced_photo_has_the_new_digest_and_the_old_file_goes(
    admin_client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    photo = PhotoFactory.create(data=RED)
    old = photo.file.name
    form = filled_in(admin_client.get(change(photo.article))) | {"photos-0-file": png(GREEN)}

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(change(photo.article), form)

    photo.refresh_from_db()
    assert photo.sha256 == digest_of(png(GREEN))
    assert photo.file.name != old
    assert not photo_storage().exists(str(old))


def test_a_photo_ticked_for_deletion_goes_with_its_file(
    admin_client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    article = ArticleFactory.create()
    gone, kept = PhotoFactory.create(article=article), PhotoFactory.create(article=article)
    form = filled_in(admin_client.get(change(article))) | {"photos-0-DELETE": "on"}

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(change(article), form)

    assert list(article.photos.all()) == [kept]
    assert not photo_storage().exists(str(gone.file.name))
    assert photo_storage().exists(str(kept.file.name))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"not a picture at all", id="text"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", id="script"),
        pytest.param(RED[: len(RED) // 2], id="half a file"),
    ],
)
def test_a_file_that_is_no_photo_is_refused_and_nothing_typed_is_lost(admin_client: Client, data: bytes) -> None:
    article = ArticleFactory.create(name="Old name")
    form = filled_in(admin_client.get(change(article))) | {
        "name": "New name", "description": "Typed with care.", "photos-TOTAL_FORMS": 1,
        "photos-0-file": png(data), "photos-0-alt": "Front view",
    }  # fmt: skip

    page = admin_client.post(change(article), form)

    assert page.status_code == 200
    (photos,) = (inline.formset for inline in page.context["inline_admin_formsets"])
    assert list(photos.forms[0].errors) == ["file"]
    for typed in ("New name", "Typed with care.", "Front view"):
        assert typed in page.content.decode()
    article.refresh_from_db()
    assert article.name == "Old name"
    assert not Photo.objects.exists()


def test_a_refused_photo_beside_a_good_one_says_to_choose_the_good_one_again(admin_client: Client) -> None:
    article = ArticleFactory.create()
    form = filled_in(admin_client.get(change(article))) | {
        "photos-TOTAL_FORMS": 2, "photos-0-file": png(RED), "photos-1-file": png(b"text"),
    }  # fmt: skip

    page = admin_client.post(change(article), form)

    assert "Choose the other new photos again" in page.content.decode()
    assert not Photo.objects.exists()


def test_an_article_whose_photo_file_is_lost_can_still_be_edited(admin_client: Client) -> None:
    photo = PhotoFactory.create()
    photo_storage().delete(str(photo.file.name))
    form = filled_in(admin_client.get(change(photo.article))) | {"price": "12.00"}

    page = admin_client.post(change(photo.article), form)

    assert page.status_code == 302
    assert Article.objects.get().price == 12


def test_the_list_shows_the_first_photo_of_each_article(admin_client: Client) -> None:
    article = ArticleFactory.create()
    PhotoFactory.create(article=article, position=2)
    first = PhotoFactory.create(article=article, position=1)

    page = admin_client.get(LIST).content.decode()

    assert f'src="{first.image_url(320)}"' in page
    assert page.count('class="thumbnail"') == 1


def test_a_longer_list_costs_no_more_queries(admin_client: Client) -> None:
    colour, category, brand = ColourFactory.create(), CategoryFactory.create(), BrandFactory.create()
    queries = []

    for _ in range(2):
        for _ in range(6):
            PhotoFactory.create(article=ArticleFactory.create(colours=[colour], category=category, brand=brand))
        with CaptureQueriesContext(connection) as captured:
            page = admin_client.get(LIST)
        queries.append(len(captured))

    assert page.content.decode().count('class="thumbnail"') == 12
    assert queries[0] == queries[1]


def test_price_stock_and_publication_are_edited_in_the_list(admin_client: Client) -> None:
    article = ArticleFactory.create(price="10.00", stock=None)
    form = {
        "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": article.pk,
        "form-0-price": "8.50", "form-0-stock": "3", "_save": "Save",
    }  # fmt: skip

    admin_client.post(LIST, form)

    article.refresh_from_db()
    assert (str(article.price), article.stock, article.published) == ("8.50", 3, False)


@pytest.mark.parametrize("text", ["D-77", "velvet", "velours", "évasée", "Maison Noire"])
def test_articles_are_found_by_sku_names_description_and_brand(admin_client: Client, text: str) -> None:
    ArticleFactory.create()
    ArticleFactory.create(
        sku="D-77", name="Velvet dress", name_fr="Robe en velours", description_fr="Jupe évasée.",
        brand=BrandFactory.create(name="Maison Noire"),
    )  # fmt: skip

    assert listed(admin_client, q=text) == ["D-77"]


def test_articles_are_filtered_by_category_with_all_below_it_stock_and_photos(admin_client: Client) -> None:
    women = CategoryFactory.create(slug="women")
    dresses = CategoryFactory.create(slug="dresses", parent=women)
    ArticleFactory.create(sku="dress", category=dresses, stock=0)
    ArticleFactory.create(sku="loose", category=None, stock=4)
    PhotoFactory.create(article=ArticleFactory.create(sku="other", stock=None))

    assert listed(admin_client, category="women") == ["dress"]
    assert listed(admin_client, category="-") == ["loose"]
    assert listed(admin_client, in_stock="yes") == ["other", "loose"]
    assert listed(admin_client, in_stock="no") == ["dress"]
    assert listed(admin_client, photos="yes") == ["other"]
    assert listed(admin_client, photos="no") == ["loose", "dress"]


@pytest.mark.parametrize(("action", "published"), [("publish", True), ("hide", False)])
def test_selected_articles_are_published_or_hidden_at_once(admin_client: Client, action: str, published: bool) -> None:
    chosen = [ArticleFactory.create(published=not published), ArticleFactory.create(published=not published)]
    other = ArticleFactory.create(published=not published)

    admin_client.post(LIST, {"action": action, "_selected_action": [article.pk for article in chosen]})

    assert set(Article.objects.filter(published=published)) == set(chosen)
    assert list(Article.objects.filter(published=not published)) == [other]


def test_deleting_an_article_asks_first(admin_client: Client) -> None:
    article = PhotoFactory.create().article

    asked = admin_client.get(delete(article))

    assert "Are you sure" in asked.content.decode()
    assert Article.objects.get() == article

    admin_client.post(delete(article), {"post": "yes"})

    assert not Article.objects.exists()
    assert not Photo.objects.exists()


def test_a_category_with_articles_below_it_is_not_deleted_and_the_page_links_to_them(admin_client: Client) -> None:
    women = CategoryFactory.create()
    dresses = CategoryFactory.create(name="Dresses", slug="dresses", parent=women)
    ArticleFactory.create_batch(2, category=dresses)

    for page in (
        admin_client.get(delete(women)),
        admin_client.post(delete(women), {"post": "yes"}),
        admin_client.post(CATEGORIES, {"action": "delete_selected", "_selected_action": [women.pk], "post": "yes"}),
    ):
        assert f'Dresses: <a href="{LIST}?category=dresses">2 articles</a>' in page.content.decode()
        assert "Move them elsewhere" in page.content.decode()
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

    assert f'Maison Noire: <a href="{LIST}?brand__id__exact={brand.pk}">1 article</a>' in page.content.decode()
    assert Brand.objects.get() == brand


def test_categories_are_a_tree_with_counts_that_dragging_rearranges(admin_client: Client) -> None:
    women, dresses = CategoryFactory.create(), CategoryFactory.create()
    ArticleFactory.create_batch(3, category=dresses)

    page = admin_client.get(CATEGORIES)
    moved = admin_client.post(
        reverse("admin:catalogue_category_changelist") + "move/",
        {"node": dresses.pk, "target": women.pk, "relation": "child"},
    )

    assert [row.count_of_articles for row in page.context["cl"].result_list] == [0, 3]
    assert moved.status_code == 200
    assert Category.objects.get_parent(Category.objects.get(pk=dresses.pk)) == women


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


def test_staff_pages_are_in_french_below_fr(admin_client: Client) -> None:
    ArticleFactory.create(category=CategoryFactory.create(name="Skirts", name_fr="Jupes"))

    page = admin_client.get("/fr/admin/catalogue/article/").content.decode()

    assert '<html lang="fr"' in page
    assert '<td class="field-category nowrap">Jupes</td>' in page


def test_visitors_are_asked_to_log_in(client: Client) -> None:
    page = client.get(LIST)

    assert page.status_code == 302
    assert page["Location"].startswith(reverse("admin:login"))
