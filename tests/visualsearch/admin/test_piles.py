"""Piles in the admin: handing photos in, correcting the table, adding articles."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalogue.models import Article, ChangeSet
from tests.factories import ArticleFactory, CategoryFactory, ColourFactory
from tests.visualsearch.drawn_pile import drawn_pile
from visualsearch.models import Pile, PileGroup, PilePhoto
from visualsearch.services import piles

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ADD = reverse("admin:visualsearch_pile_add")


@pytest.fixture
def sorted_pile() -> Pile:
    pile = piles.receive([SimpleUploadedFile(name, content) for name, content in drawn_pile().items()])
    while piles.run_slice(pile.pk, for_s=60):
        pass
    pile.refresh_from_db()
    return pile


def address(pile: Pile) -> str:
    return reverse("admin:visualsearch_pile_change", args=[pile.pk])


def typed(pile: Pile, **changes: str) -> dict[str, Any]:
    """Return what a browser sends of the table as it is, with changes by the name of the field."""
    form: dict[str, Any] = {}
    for group in pile.groups.filter(added=False).prefetch_related("photos"):
        form |= {f"g{group.pk}-{name}": getattr(group, name) or "" for name in ("name", "name_fr", "sku", "price")}
        form[f"g{group.pk}-category"] = group.category_id or ""
        form |= {f"photo-{photo.pk}": str(group.number) for photo in group.photos.all()}
        form[f"main-{group.pk}"] = str(group.photos.all()[0].pk)
    return form | changes


def test_photos_are_handed_in_and_the_page_shows_how_far_the_worker_is(admin_client: Client) -> None:
    photos = [SimpleUploadedFile(name, content, "image/jpeg") for name, content in drawn_pile().items()]

    response = admin_client.post(ADD, {"photos": photos}, follow=True)

    pile = Pile.objects.get()
    assert response.redirect_chain == [(address(pile), 302)]
    assert "Analysing photos: 0 of 12." in response.content.decode()
    assert admin_client.get(f"{address(pile)[:-7]}progress/").json()["working"]


@pytest.mark.parametrize(
    ("files", "status", "words"),
    [
        ({}, 400, "No photos were found. Choose photos, or a ZIP of photos."),
        ({"photos": SimpleUploadedFile("a.zip", b"PK\x03\x04" + b"\0" * 60)}, 400, "a.zip is damaged"),
    ],
)
def test_what_will_not_do_is_told_at_once(admin_client: Client, files: dict[str, Any], status: int, words: str) -> None:
    response = admin_client.post(ADD, files)

    assert response.status_code == status
    assert words in response.content.decode()
    assert not Pile.objects.exists()


def test_too_large_a_pile_is_refused_while_it_is_received(admin_client: Client, settings: Any) -> None:
    settings.BATCH_MAX_BYTES = 1_000

    response = admin_client.post(ADD, {"photos": SimpleUploadedFile("a.jpg", b"-" * 5_000)})

    assert response.status_code == 413
    assert not Pile.objects.exists()


def test_the_table_keeps_what_staff_write_and_what_is_wrong_stays_beside_it(
    admin_client: Client, sorted_pile: Pile
) -> None:
    first, second = sorted_pile.groups.all()[:2]
    category, red = CategoryFactory.create(), ColourFactory.create()
    form = typed(sorted_pile, **{
        f"g{first.pk}-name": "Summer dress", f"g{first.pk}-price": "dear", f"g{first.pk}-category": str(category.pk),
        f"g{first.pk}-colours": str(red.pk), f"g{second.pk}-left_out": "on",
    })  # fmt: skip

    page = admin_client.post(address(sorted_pile), form).content.decode()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.name, first.category, first.price, list(first.colours.all())) == (
        "Summer dress",
        category,
        None,
        [red],
    )
    assert second.left_out
    assert "Price: Enter a number." in page
    assert 'value="dear"' in page


def test_only_ticked_articles_are_added(admin_client: Client, admin_user: User, sorted_pile: Pile) -> None:
    ArticleFactory.create(sku="TAKEN")
    first, second, third = sorted_pile.groups.all()[:3]
    form = typed(sorted_pile, **{
        f"g{first.pk}-name": "Red dress", f"g{first.pk}-sku": "D-1", f"choose-{first.pk}": "on",
        f"g{second.pk}-name": "Trousers", f"g{second.pk}-sku": "taken", f"choose-{second.pk}": "on",
        f"g{third.pk}-name": "Top", "add": "x",
    })  # fmt: skip

    page = admin_client.post(address(sorted_pile), form, follow=True).content.decode()

    article = Article.objects.get(sku="D-1")
    assert (article.published, article.photos.count()) == (True, 3)
    assert "1 product added." in page
    assert "1 product was not added: see the error beside it." in page
    assert "SKU: Another product has the SKU “TAKEN”. Choose another one." in page.replace("&quot;", '"')
    assert not Article.objects.filter(name="Top").exists()
    change = ChangeSet.objects.get(edits__kind="article", edits__name="D-1")
    assert (change.how, change.by) == ("form", admin_user)
    assert not change.edits.exclude(article_id=article.pk).exists()


def test_a_table_with_all_photos_of_the_largest_pile_is_saved(admin_client: Client, sorted_pile: Pile) -> None:
    group = sorted_pile.groups.all()[0]
    PilePhoto.objects.bulk_create(
        PilePhoto(pile=sorted_pile, number=number, name=f"{number}.jpg", group=group, position=number)
        for number in range(100, 100 + piles.MOST_PHOTOS - sorted_pile.photos.count())
    )

    saved = admin_client.post(address(sorted_pile), typed(sorted_pile, **{f"g{group.pk}-name": "Red dress"}))

    assert saved.status_code == 302
    group.refresh_from_db()
    assert group.name == "Red dress"
    assert group.photos.count() > 980


def test_a_script_is_answered_with_the_errors_by_field(admin_client: Client, sorted_pile: Pile) -> None:
    group = sorted_pile.groups.get(number=1)
    form = typed(sorted_pile, **{f"g{group.pk}-price": "dear", f"g{group.pk}-name": "Dress"})

    response = admin_client.post(address(sorted_pile), form, headers={"Accept": "application/json"})

    assert response.json() == {"errors": {f"g{group.pk}-price": ["Enter a number."]}}
    assert PileGroup.objects.get(pk=group.pk).name == "Dress"


def test_thumbnails_and_piles_are_for_those_who_may_add_articles(client: Client, sorted_pile: Pile) -> None:
    photo = reverse("admin:visualsearch_pile_photo", args=[sorted_pile.photos.all()[0].pk])
    reader = User.objects.create_user("reader", is_staff=True)
    client.force_login(reader)

    refused = [client.get(page).status_code for page in (photo, address(sorted_pile), ADD)]
    reader.user_permissions.add(Permission.objects.get(codename="add_article"))
    allowed = client.get(photo)

    assert refused == [403, 403, 403]
    assert (allowed.status_code, allowed["Content-Type"]) == (200, "image/webp")


def test_the_page_is_french_where_the_reader_is(admin_client: Client, sorted_pile: Pile) -> None:
    page = admin_client.get(address(sorted_pile), headers={"Accept-Language": "fr"}).content.decode()

    assert "Ajouter et publier" in page
    assert settings.LANGUAGE_CODE == "en"
