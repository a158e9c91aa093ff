"""Two products that were entered twice are merged, and that is undone."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from catalogue import history, roles
from catalogue.models import Article, ChangeSet, Photo, Variant, replace_variants
from catalogue.roles import Role
from tests.catalogue.admin.addresses import LIST
from tests.factories import ArticleFactory, BrandFactory, ColourFactory, PhotoFactory, drawn_picture

pytestmark = [pytest.mark.django_db, pytest.mark.switch, pytest.mark.database]

SAME = drawn_picture("#aa0000")


def photo(article: Article, content: bytes = b"", **fields: Any) -> Photo:
    return PhotoFactory.create(article=article, file=ContentFile(content or SAME, name="p.png"), **fields)


@pytest.fixture
def keep() -> Article:
    article = ArticleFactory.create(sku="D-1", name="Dress", price="10.00", brand=None, stock=2, description="")
    photo(article)
    return article


@pytest.fixture
def gone(keep: Article) -> Article:
    article = ArticleFactory.create(
        sku="D-2", name="Red dress", name_fr="Robe rouge", price="12.00", category=keep.category, stock=3,
        brand=BrandFactory.create(name="Anna"), description="Of linen.",
    )  # fmt: skip
    photo(article, position=0)
    photo(article, drawn_picture("#00aa00"), position=1)
    return article


def address(keep: Article, gone: Article) -> str:
    return reverse("admin:catalogue_article_merge", args=[keep.pk, gone.pk])


def choices(client: Client, keep: Article, gone: Article, **others: str) -> dict[str, Any]:
    """Return what a browser sends of the page: what is preselected, and what is chosen otherwise."""
    page = client.get(address(keep, gone))
    form = page.context["form"]
    return {"seen": page.context["seen"], **{name: form[name].initial for name in form.fields}, **others}


def undo_last() -> None:
    change = ChangeSet.objects.filter(action="merge").get()
    history.begin_undo(change, by=None)


def test_one_stays_with_what_it_lacked_and_the_other_goes_into_the_bin(
    admin_client: Client, keep: Article, gone: Article
) -> None:
    answer = admin_client.post(address(keep, gone), choices(admin_client, keep, gone), follow=True)

    keep.refresh_from_db()
    assert (keep.sku, keep.name, keep.name_fr, str(keep.price)) == ("D-1", "Dress", "Robe rouge", "10.00")
    assert (keep.brand and keep.brand.name, keep.description) == ("Anna", "Of linen.")
    assert Article.objects.get() == keep
    assert Article.all_objects.binned().get().pk == gone.pk
    assert "The products are merged." in answer.text
    assert "Undo …" in answer.text


def test_photos_move_but_for_those_whose_bytes_are_there(admin_client: Client, keep: Article, gone: Article) -> None:
    first, other = keep.photos.get(), gone.photos.last()
    assert "1 photo is added" in admin_client.get(address(keep, gone)).text

    admin_client.post(address(keep, gone), choices(admin_client, keep, gone))

    assert list(keep.photos.all()) == [first, other]
    assert len(set(keep.photos.values_list("sha256", flat=True))) == 2


def test_what_differs_is_shown_and_chosen(admin_client: Client, keep: Article, gone: Article) -> None:
    page = admin_client.get(address(keep, gone))
    assert set(page.context["form"].fields) == {
        "sku", "name", "name_fr", "description", "brand", "price", "stock",
    }  # fmt: skip
    assert "Total: 5" in page.text

    sent = choices(admin_client, keep, gone, sku="gone", name="gone", price="gone", stock="both")
    admin_client.post(address(keep, gone), sent)

    keep.refresh_from_db()
    assert (keep.sku, keep.name, keep.slug) == ("D-2", "Red dress", "red-dress")
    assert (str(keep.price), keep.stock) == ("12.00", 5)


def test_sizes_are_chosen_of_one_or_of_both(admin_client: Client, keep: Article, gone: Article) -> None:
    red = ColourFactory.create(name="Red")
    replace_variants(keep, [Variant(size="S", sku="K-S", stock=1)])
    other = Variant(size="M", colour=red, barcode="4006", stock=7)
    replace_variants(gone, [Variant(size="S", sku="G-S", stock=5), other])
    page = admin_client.get(address(keep, gone))
    assert "S, K-S, stock 1" in page.text
    assert "M / Red, 4006, stock 7" in page.text

    admin_client.post(address(keep, gone), choices(admin_client, keep, gone))

    keep.refresh_from_db()
    found = [(row.size, row.colour, row.sku, row.barcode, row.stock) for row in keep.variants.all()]
    assert found == [("S", None, "K-S", "", 1), ("M", red, "", "4006", 7)]
    assert (keep.sizes, keep.stock) == (["S", "M"], 8)


@pytest.mark.parametrize("choice", [{}, {"sku": "gone", "name": "gone", "stock": "gone"}])
def test_undoing_it_brings_both_back_as_they_were(
    admin_client: Client, keep: Article, gone: Article, choice: dict[str, str]
) -> None:
    gone.colours.set([ColourFactory.create()])
    replace_variants(gone, [Variant(size="M", sku="G-M")])
    photos = {article.pk: list(article.photos.values_list("pk", flat=True)) for article in (keep, gone)}
    columns = [name for name in Article.RECORDED if name != "sizes"]
    before = {row["pk"]: row for row in Article.objects.values("pk", *columns)}
    admin_client.post(address(keep, gone), choices(admin_client, keep, gone, **choice))

    undo_last()

    assert {row["pk"]: row for row in Article.objects.values("pk", *columns)} == before
    assert {article.pk: list(article.photos.values_list("pk", flat=True)) for article in (keep, gone)} == photos
    assert gone.variants.get().sku == "G-M"
    assert keep.colours.count() == 0


def test_a_photo_does_not_go_back_to_a_product_that_stays_in_the_bin(
    admin_client: Client, keep: Article, gone: Article
) -> None:
    admin_client.post(address(keep, gone), choices(admin_client, keep, gone))
    change = ChangeSet.objects.get(action="merge")

    history.begin_undo(change, by=None, article=keep.pk)

    assert keep.photos.count() == 2
    keep.refresh_from_db()
    assert keep.brand is None


def test_the_old_address_leads_to_the_one_that_stays(
    admin_client: Client, client: Client, keep: Article, gone: Article
) -> None:
    old = gone.get_absolute_url()
    admin_client.post(address(keep, gone), choices(admin_client, keep, gone))

    moved = client.get(old)
    undo_last()

    assert (moved.status_code, moved["Location"]) == (301, keep.get_absolute_url())
    assert client.get(old).status_code == 200


def test_the_history_says_where_photos_went(admin_client: Client, keep: Article, gone: Article) -> None:
    admin_client.post(address(keep, gone), choices(admin_client, keep, gone))

    change = ChangeSet.objects.get(action="merge")
    page = admin_client.get(reverse("admin:catalogue_changeset_change", args=[change.pk]))

    assert "Merge: D-2 into D-1" in page.text
    assert "Photo changed" in page.text


def test_what_was_changed_meanwhile_is_looked_at_again(admin_client: Client, keep: Article, gone: Article) -> None:
    sent = choices(admin_client, keep, gone)
    gone.price = "15.00"
    gone.save()

    answer = admin_client.post(address(keep, gone), sent)

    assert "One of the products was changed in the meantime." in answer.text
    assert Article.objects.count() == 2


def test_two_selected_products_lead_to_the_page_and_no_other_number(
    admin_client: Client, keep: Article, gone: Article
) -> None:
    two = admin_client.post(LIST, {"action": "merge", "_selected_action": [keep.pk, gone.pk]})
    one = admin_client.post(LIST, {"action": "merge", "_selected_action": [keep.pk]}, follow=True)

    assert two["Location"] == address(keep, gone)
    assert "Select exactly two products to merge." in one.text


@pytest.mark.parametrize("choice", [{"price": "nonsense"}, {"price": "both"}, {"sku": "both"}])
def test_a_choice_that_there_is_not_is_refused(
    admin_client: Client, keep: Article, gone: Article, choice: dict[str, str]
) -> None:
    answer = admin_client.post(address(keep, gone), choices(admin_client, keep, gone, **choice))

    assert answer.status_code == 200
    assert Article.objects.count() == 2


def test_a_product_is_not_merged_with_itself_nor_with_one_that_is_gone(admin_client: Client, keep: Article) -> None:
    assert admin_client.get(address(keep, keep)).status_code == 404
    assert admin_client.get(reverse("admin:catalogue_article_merge", args=[keep.pk, 10**9])).status_code == 404


def test_a_way_back_to_another_site_is_not_taken(admin_client: Client, keep: Article, gone: Article) -> None:
    sent = choices(admin_client, keep, gone)

    answer = admin_client.post(address(keep, gone) + "?next=https://evil.example/", sent)

    assert answer["Location"] == reverse("admin:catalogue_article_change", args=[keep.pk])


def test_a_viewer_merges_nothing(client: Client, keep: Article, gone: Article) -> None:
    user = User.objects.create_user("viewer", is_staff=True)
    roles.give_role(user, Role.VIEWER)
    client.force_login(user)

    assert client.get(address(keep, gone)).status_code == 403
    assert client.post(address(keep, gone)).status_code == 403
    assert Article.objects.count() == 2


def test_swapping_keeps_the_whole_address_to_go_back_to(admin_client: Client, keep: Article, gone: Article) -> None:
    back = "/admin/visualsearch/nearduplicate/?a=1&p=2#x"

    page = admin_client.get(address(keep, gone), {"next": back})

    swapped = admin_client.get(page.context["swap"])
    assert (swapped.context["keep"], swapped.context["back"]) == (gone, back)
