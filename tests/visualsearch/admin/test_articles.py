"""What search by photo adds to staff's pages, over HTTP. The broker is down throughout: staff must not notice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from catalogue.messages.rendering import render_stored
from catalogue.models import Article, Photo
from tests.admin_pages import filled_in
from tests.factories import ArticleFactory, CategoryFactory, PhotoFactory, drawn_picture
from visualsearch.models import EmbeddingFailure, LabelMapping, ModelVersion
from visualsearch.services import versions
from visualsearch.services.indexing import embedding

LIST = reverse("admin:catalogue_article_changelist")
VERSIONS = reverse("admin:visualsearch_modelversion_changelist")


@pytest.fixture
def version(db: None) -> ModelVersion:
    """The version that serves, before there is any photo to embed."""
    return versions.serving_version()


def change(article: Article) -> str:
    return reverse("admin:catalogue_article_change", args=[article.pk])


def broken_photo(**values: Any) -> Photo:
    """A photo that was saved past all checks, as SQL or an old import may do, and cannot be embedded."""
    photo = PhotoFactory.create(file=ContentFile(b"no picture", name="p.png"), **values)
    embedding.embed_photos([photo.pk])
    return photo


def listed(admin_client: Client, **parameters: Any) -> set[str]:
    page = admin_client.get(LIST, parameters)
    return {article.sku for article in page.context["cl"].result_list}


@pytest.mark.usefixtures("version")
def test_each_photo_says_whether_it_can_be_found(admin_client: Client) -> None:
    article = ArticleFactory.create()
    found = PhotoFactory.create(article=article, position=1)
    embedding.embed_photos([found.pk])
    waiting = PhotoFactory.create(article=article, position=2)
    Photo.objects.filter(pk=waiting.pk).update(created=datetime(2026, 3, 1, 14, 5, tzinfo=UTC))
    broken_photo(article=article, position=3)

    page = admin_client.get(change(article)).content.decode()

    states = [text.split("<")[0] for text in page.split('<span class="photo-state ')[1:]]
    assert [state.split('">')[0] for state in states] == ["found", "waiting", "failed"]
    assert [state.split('">')[1] for state in states[:2]] == [
        "Indexed", "Indexing… (waiting since 1 Mar 2026, 14:05)",
    ]  # fmt: skip
    assert escape(render_stored(EmbeddingFailure.objects.get().error)) in page


@pytest.mark.usefixtures("version")
def test_since_when_a_photo_waits_is_said_in_french_and_in_the_shops_time(
    admin_client: Client, settings: Settings
) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    photo = PhotoFactory.create()
    Photo.objects.update(created=datetime(2026, 3, 1, 14, 5, tzinfo=UTC))

    page = admin_client.get(change(photo.article), headers={"Accept-Language": "fr"}).content.decode()

    assert "Indexation… (en attente depuis le 01/03/2026 15:05)" in page


@pytest.mark.usefixtures("version")
def test_since_when_a_replaced_photo_waits_is_not_made_up(admin_client: Client) -> None:
    photo = PhotoFactory.create()
    embedding.embed_photos([photo.pk])
    photo.file = ContentFile(drawn_picture("#c0392b"), name="p.png")
    photo.save()

    page = admin_client.get(change(photo.article)).content.decode()

    assert '<span class="photo-state waiting">Indexing…</span>' in page


@pytest.mark.usefixtures("version")
def test_the_states_cost_as_many_queries_for_one_photo_as_for_many(admin_client: Client) -> None:
    article = ArticleFactory.create()
    queries = []

    for photos in (1, 1, 8):
        PhotoFactory.create_batch(photos, article=article)
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(change(article))
        queries.append(len(captured))

    # The first request also fills Django's own caches.
    assert queries[1] == queries[2]


def test_a_photo_is_saved_while_the_broker_is_down(
    admin_client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    article = ArticleFactory.create()
    form = filled_in(admin_client.get(change(article)))
    form |= {"photos-TOTAL_FORMS": 1, "photos-0-file": SimpleUploadedFile("a.png", drawn_picture())}

    with django_capture_on_commit_callbacks(execute=True):
        page = admin_client.post(change(article), form)

    assert page.status_code == 302
    assert embedding.photo_states(article.photos.all())[article.photos.get().pk].state == "waiting"


@pytest.mark.usefixtures("version")
def test_a_failed_photo_is_tried_again_and_what_was_typed_is_saved(admin_client: Client) -> None:
    photo, other = broken_photo(), broken_photo()
    page = admin_client.get(change(photo.article))
    assert f'name="_try_again" value="{photo.pk}"' in page.content.decode()

    sent = admin_client.post(change(photo.article), filled_in(page) | {"price": "5.00", "_try_again": str(photo.pk)})

    assert sent["Location"] == change(photo.article)
    assert str(Article.objects.get(pk=photo.article.pk).price) == "5.00"
    assert embedding.photo_states([photo, other])[photo.pk].state == "waiting"
    assert embedding.photo_states([photo, other])[other.pk].state == "failed"
    assert "Retrying 1 photo." in admin_client.get(sent["Location"]).content.decode()


@pytest.mark.usefixtures("version")
def test_a_photo_of_another_article_is_not_tried_again(admin_client: Client) -> None:
    photo, other = broken_photo(), broken_photo()
    form = filled_in(admin_client.get(change(photo.article))) | {"_try_again": str(other.pk)}

    admin_client.post(change(photo.article), form)

    assert EmbeddingFailure.objects.count() == 2


@pytest.mark.usefixtures("version")
def test_failed_photos_of_chosen_articles_are_tried_again(admin_client: Client) -> None:
    chosen, other = broken_photo(), broken_photo()

    admin_client.post(LIST, {"action": "try_photos_again", "_selected_action": [chosen.article.pk]})

    assert list(EmbeddingFailure.objects.values_list("photo_id", flat=True)) == [other.pk]


@pytest.mark.usefixtures("version")
def test_articles_are_filtered_by_what_became_of_their_photos(admin_client: Client) -> None:
    embedding.embed_photos([PhotoFactory.create(article__sku="found").pk])
    PhotoFactory.create(article__sku="waiting")
    broken_photo(article=ArticleFactory.create(sku="failed"))

    assert listed(admin_client, search="waiting") == {"waiting"}
    assert listed(admin_client, search="failed") == {"failed"}
    assert listed(admin_client) == {"found", "waiting", "failed"}


def test_articles_are_edited_while_nothing_can_search(admin_client: Client, settings: Settings, tmp_path: Path) -> None:
    photo = PhotoFactory.create()
    settings.ARTEFACTS_DIR = tmp_path

    page = admin_client.get(change(photo.article))
    sent = admin_client.post(change(photo.article), filled_in(page) | {"price": "7.00"})

    assert "Search by photo isn’t available." in page.content.decode()
    assert sent.status_code == 302
    assert listed(admin_client, search="waiting") == set()


def test_a_label_is_joined_to_a_category_of_the_shop(admin_client: Client) -> None:
    category = CategoryFactory.create()
    add = reverse("admin:visualsearch_labelmapping_add")

    admin_client.post(add, {"label": "outwear", "category": category.pk})

    assert LabelMapping.objects.get(label="outwear").category == category


@pytest.mark.usefixtures("version")
def test_photos_are_looked_at_again_found_or_failed(admin_client: Client) -> None:
    found, failed, other = PhotoFactory.create(), broken_photo(), PhotoFactory.create()
    embedding.embed_photos([found.pk, other.pk])

    page = admin_client.post(
        LIST, {"action": "embed_photos_again", "_selected_action": [found.article_id, failed.article_id]}, follow=True
    )

    assert "Re-indexing 2 photos. They can be found again once that is done." in page.text
    states = embedding.photo_states([found, failed, other])
    assert [states[photo.pk].state for photo in (found, failed, other)] == ["waiting", "waiting", "found"]
    embedding.embed_photos(embedding.waiting_ids(limit=10))
    states = embedding.photo_states([found, failed, other])
    assert [states[photo.pk].state for photo in (found, failed, other)] == ["found", "failed", "found"]
