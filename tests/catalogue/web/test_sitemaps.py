"""Sitemaps are files that a worker writes; one that is missing, old or broken off is made for who asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client

from catalogue import sitemaps, tasks
from catalogue.models import Article
from tests.factories import ArticleFactory, CategoryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ARTICLES = "/sitemap-articles.xml"


@pytest.fixture(autouse=True)
def category() -> None:
    CategoryFactory.create(slug="only")


def test_the_first_who_asks_makes_it_and_others_get_what_was_kept(
    client: Client, django_assert_num_queries: Any
) -> None:
    shown = ArticleFactory.create()

    first = client.get(ARTICLES)
    with django_assert_num_queries(0):
        second = client.get(ARTICLES, HTTP_HOST="localhost")

    assert f"<loc>http://testserver{shown.get_absolute_url()}</loc>" in first.text
    assert f"http://testserver/fr{shown.get_absolute_url()}" in first.text
    assert second.text == first.text.replace("//testserver", "//localhost")
    assert second.headers["X-Robots-Tag"] == "noindex, noodp, noarchive"
    assert second.headers["Content-Type"] == "application/xml"


def test_a_worker_makes_all_files_and_the_old_ones_anew(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ArticleFactory.create_batch(3)
    monkeypatch.setattr(sitemaps.ArticleSitemap, "limit", 4)

    assert not sitemaps.refresh(for_s=60)

    files = sorted(storages["renditions"].listdir("sitemaps")[1])
    assert files == ["articles-1.xml", "articles-2.xml", "categories-1.xml", "index-1.xml", "pages-1.xml"]
    assert client.get("/sitemap.xml").text.count("/sitemap-articles.xml") == 2
    pages = [client.get(ARTICLES, {"p": number}).text for number in (1, 2)]
    assert [page.count("<url>") for page in pages] == [4, 2]
    Article.objects.all().delete()
    assert not sitemaps.refresh(for_s=60)
    assert client.get(ARTICLES).text == pages[0]
    monkeypatch.setattr(sitemaps, "REFRESHED_AFTER", timedelta(0))
    assert not sitemaps.refresh(for_s=60)
    assert client.get(ARTICLES).text.count("<url>") == 0


def test_the_task_queues_itself_again_while_there_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(tasks, "begin", lambda task: None)
    monkeypatch.setattr(tasks, "enqueue_unique", lambda task, queue: queued.append(task))
    monkeypatch.setattr(tasks, "SLICE_S", 0.0)

    tasks.refresh_sitemaps()
    assert queued == [tasks.refresh_sitemaps]
    monkeypatch.setattr(tasks, "SLICE_S", 60.0)
    tasks.refresh_sitemaps()

    assert queued == [tasks.refresh_sitemaps]


def test_a_file_that_is_too_old_or_broken_off_is_not_given(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ArticleFactory.create()
    whole = client.get(ARTICLES).text
    storages["renditions"].save("sitemaps/articles-1.xml", ContentFile(whole[:200].encode()))

    assert client.get(ARTICLES).text == whole
    Article.objects.all().delete()
    monkeypatch.setattr(sitemaps, "KEPT_FOR", timedelta(0))
    assert client.get(ARTICLES).text.count("<url>") == 0


@pytest.mark.parametrize(
    "number", ["0", "2", "-1", "01", "+1", "x", "1/../1", "9" * 5000, "\N{FULLWIDTH DIGIT ONE}", ""], ids=repr
)
def test_a_page_that_there_is_not_is_not_found_and_leaves_no_file(client: Client, number: str) -> None:
    assert client.get(ARTICLES, {"p": number}).status_code == 404
    assert client.get("/sitemap-secrets.xml", {"p": number}).status_code == 404
    assert client.get("/sitemap-index.xml").status_code == 404

    assert not storages["renditions"].exists("sitemaps")


def test_a_disk_that_takes_no_file_costs_nobody_the_sitemap(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storages["renditions"], "save", refuse)

    assert client.get(ARTICLES).status_code == 200
