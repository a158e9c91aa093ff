"""A shopper's photo, and how it is sent."""

from __future__ import annotations

import io

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalogue.models import Article
from tests.factories import ArticleFactory, PhotoFactory
from tests.visualsearch.garments import RED, draw_garment

PAGE = reverse("visualsearch:search")


def photo_of(kind: str, colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    draw_garment(kind, colour).save(file, "PNG")
    return file.getvalue()


RED_DRESS = photo_of("dress", RED)


def upload(data: bytes = RED_DRESS, name: str = "mine.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/png")


def article_with(kind: str, colour: tuple[int, int, int], **values: object) -> Article:
    article = ArticleFactory.create(**values)
    PhotoFactory.create(article=article, file=ContentFile(photo_of(kind, colour), name="p.png"))
    return article


def skus(client: Client, address: str) -> list[str]:
    return [match.article.sku for match in client.get(address).context["page"].matches]
