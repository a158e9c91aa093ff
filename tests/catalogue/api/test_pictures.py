"""Pictures of answers have absolute addresses, in three sizes, each with its width and height."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from catalogue.models import Photo
from tests.catalogue.api.conftest import Api
from tests.factories import ArticleFactory, PhotoFactory, drawn_picture

pytestmark = [pytest.mark.django_db]


def test_three_sizes_are_as_large_as_they_say(api: Api) -> None:
    photo = PhotoFactory.create(file=ContentFile(drawn_picture(size=(1500, 2001), file_format="JPEG"), "a.jpg"))

    (article,) = api.get("/api/articles")["results"]

    sizes = {name: (one["width"], one["height"]) for name, one in article["pictures"].items()}
    assert sizes == {"small": (320, 427), "medium": (640, 854), "large": (1280, 1708)}
    for one in article["pictures"].values():
        sent = b"".join(api.client.get(one["url"]))
        assert Image.open(BytesIO(sent)).size == (one["width"], one["height"])
    alone = api.get(f"/api/articles/{photo.article_id}")
    assert alone["photos"][0]["pictures"] == alone["pictures"] == article["pictures"]
    assert article["image"] == article["pictures"]["small"]["url"]


def test_a_photo_that_was_held_upright_is_measured_upright(api: Api) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = BytesIO()
    Image.new("RGB", (400, 200), "#b00020").save(turned, "JPEG", exif=exif)
    PhotoFactory.create(file=ContentFile(turned.getvalue(), "turned.jpg"))

    (article,) = api.get("/api/articles")["results"]

    assert (article["pictures"]["large"]["width"], article["pictures"]["large"]["height"]) == (200, 400)


def test_a_photo_whose_file_is_gone_has_addresses_and_no_size(api: Api) -> None:
    photo = PhotoFactory.create()
    Photo.objects.filter(pk=photo.pk).update(file="00/gone.png", sha256="0" * 64)

    (article,) = api.get("/api/articles")["results"]

    assert article["pictures"]["small"] == {"url": article["image"], "width": None, "height": None}


@pytest.mark.parametrize(("proxies", "scheme"), [(1, "https"), (0, "http")])
def test_behind_a_proxy_addresses_are_those_that_the_app_uses(
    client: Client, settings: Any, proxies: int, scheme: str
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if proxies else None
    settings.ALLOWED_HOSTS = ["shop.example"]
    PhotoFactory.create(article=ArticleFactory.create())

    page = client.get("/api/articles", headers={"Host": "shop.example", "X-Forwarded-Proto": "https"}).json()

    assert page["results"][0]["pictures"]["large"]["url"].startswith(f"{scheme}://shop.example/media/")
