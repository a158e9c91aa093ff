"""Dynamic text responses are compressed for clients that accept it."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

from tests.factories import ArticleFactory, PhotoFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/articles/", "/api/articles", "/sitemap.xml"])
def test_pages_and_answers_are_compressed(client: Client, path: str) -> None:
    ArticleFactory.create_batch(3)
    plain = client.get(path).content

    sent = client.get(path, headers={"Accept-Encoding": "gzip"})

    assert sent.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in sent.headers["Vary"]
    assert len(sent.content) < len(plain)
    assert gzip.decompress(sent.content)[:40] == plain[:40]


def test_a_picture_is_sent_as_it_is(client: Client) -> None:
    photo = PhotoFactory.create(size=(300, 400))
    sent = client.get(photo.image_url(320), headers={"Accept-Encoding": "gzip"})
    assert (sent.status_code, sent.headers.get("Content-Encoding")) == (200, None)
    assert int(sent.headers["Content-Length"]) > 200
