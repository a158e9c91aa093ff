"""Deleted articles lie in the bin: nobody is shown them, and they come back whole."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogue import history
from catalogue.browsing.facets import count_facets
from catalogue.browsing.filters import NO_FILTERS
from catalogue.browsing.offers import published_offer
from catalogue.models import Article, ChangeSet, Edit, Photo
from tests.catalogue.feeds.rows import bring_in, row
from tests.factories import ArticleFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BIN = reverse("admin:catalogue_binnedarticle_changelist")


def test_an_article_in_the_bin_is_shown_nowhere(client: Client) -> None:
    photo = PhotoFactory.create(article__name="Straw hat")
    article = photo.article

    article.delete()

    assert client.get(article.get_absolute_url()).status_code == 404
    assert client.get(f"/api/articles/{article.pk}").status_code == 404
    assert client.get("/api/articles").json()["count"] == 0
    assert client.get(photo.image_url(320)).status_code == 404
    assert "Straw" not in client.get("/").text
    facets = count_facets(NO_FILTERS, published_offer())
    assert (facets.categories, facets.brands, facets.in_stock) == ([], [], 0)
    assert "Straw" not in client.get("/sitemap-articles.xml").text


def test_a_restored_article_is_as_it_was_with_its_photos(admin_client: Client) -> None:
    article = ArticleFactory.create(sku="A", published=False)
    removed, kept = PhotoFactory.create(article=article), PhotoFactory.create(article=article)
    removed.delete()
    article.delete()

    listed = admin_client.get(BIN).text
    admin_client.post(BIN, {"action": "restore", "_selected_action": [article.pk]})

    assert "A" in listed
    assert list(Article.objects.filter(published=False)) == [article]
    # A photo that was deleted before stays in the bin.
    assert list(article.photos.all()) == [kept]


def test_a_new_article_may_have_the_sku_of_one_in_the_bin_which_then_stays(admin_client: Client) -> None:
    old = ArticleFactory.create(sku="A")
    old.delete()
    bring_in(row("A", values={"name": "New"}))

    page = admin_client.post(BIN, {"action": "restore", "_selected_action": [old.pk]}, follow=True)

    assert [article.name for article in Article.objects.all()] == ["New"]
    assert "1 was skipped" in page.text
    [(name, field, why)] = ChangeSet.objects.get(action="restore").left_out
    assert (name, field, why["code"]) == ("A", "", "history.sku_taken")


def test_a_taken_sku_is_refused_beside_its_field(admin_client: Client) -> None:
    ArticleFactory.create(sku="A")

    page = admin_client.post(reverse("admin:catalogue_article_add"), {"sku": "A", "name": "B"})

    assert page.context["adminform"].form.errors["sku"] == ["Another product already has this SKU."]


def test_the_bin_is_emptied_after_its_days_files_too(django_capture_on_commit_callbacks: Any) -> None:
    old, new = PhotoFactory.create(), PhotoFactory.create()
    replaced = PhotoFactory.create()
    alone = PhotoFactory.create(article=replaced.article)
    for row_ in (old.article, new.article, alone):
        row_.delete()
    past = timezone.now() - timedelta(days=settings.BIN_DAYS, minutes=1)
    Article.all_objects.filter(pk=old.article_id).update(deleted=past)
    Photo.all_objects.filter(pk=alone.pk).update(deleted=past)

    with django_capture_on_commit_callbacks(execute=True):
        history.sweep(for_s=10)

    assert set(Photo.all_objects.all()) == {new, replaced}
    assert [Path(photo.file.path).exists() for photo in (old, alone, new)] == [False, False, True]


def test_changes_are_forgotten_after_their_days() -> None:
    ArticleFactory.create()
    ChangeSet.objects.update(begun=timezone.now() - timedelta(days=settings.HISTORY_DAYS, minutes=1))
    kept = ArticleFactory.create()

    history.sweep(for_s=10)

    assert {edit.article_id for edit in Edit.objects.filter(kind="article")} == {kept.pk}
    assert all(change.edits.exists() for change in ChangeSet.objects.all())


def test_a_category_whose_articles_lie_in_the_bin_is_not_deleted(admin_client: Client) -> None:
    article = ArticleFactory.create()
    article.delete()
    page = reverse("admin:catalogue_brand_delete", args=[article.brand_id])

    said = admin_client.post(page, {"post": "yes"}).text

    assert "1 product in the bin" in said
    article.refresh_from_db()
    assert article.brand_id is not None
