"""The pictures of a photo in answers: three renditions, each with an absolute address, its width and its height."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from catalogue.models import Photo
from catalogue.photos.services import RENDITION_WIDTHS, sizes_of_renditions

SIZES = dict(zip(("small", "medium", "large"), RENDITION_WIDTHS, strict=True))
SITE = "site"
ABSOLUTE = {"type": "string", "format": "uri"}


@extend_schema_field(ABSOLUTE)
class PictureAddressField(serializers.CharField):
    """The absolute address of a picture."""


class PictureSerializer(serializers.Serializer[Any]):
    """One rendition of a photo, as WebP; it is never wider than the photo itself."""

    url = serializers.URLField()
    width = serializers.IntegerField(
        min_value=1, allow_null=True, help_text="In pixels; null until a worker has processed a HEIC file."
    )
    height = serializers.IntegerField(min_value=1, allow_null=True, help_text="In pixels, as the width.")


@extend_schema_serializer(component_name="Pictures")
class PicturesSerializer(serializers.Serializer[Any]):
    """A photo in three sizes: for lists, for lists on high-density screens, and for the article's page."""

    small = PictureSerializer(help_text=f"At most {SIZES['small']} pixels wide.")
    medium = PictureSerializer(help_text=f"At most {SIZES['medium']} pixels wide.")
    large = PictureSerializer(help_text=f"At most {SIZES['large']} pixels wide.")


def site_of(context: Mapping[str, Any]) -> str:
    """Return the scheme and host of a serializer's request, as in https://shop.example: kept in its context."""
    site: str | None = context.get(SITE)
    if site is None:
        request: Request = context["request"]
        site = request.build_absolute_uri("/").removesuffix("/")
        cast(dict[str, Any], context)[SITE] = site
    return site


def pictures_of(photo: Photo, site: str) -> dict[str, dict[str, Any]]:
    """Return a photo's renditions by the name of their size."""
    addresses, sizes = photo.image_urls(RENDITION_WIDTHS, site=site), sizes_of_renditions(photo, RENDITION_WIDTHS)
    pictures = {}
    for name, address, size in zip(SIZES, addresses, sizes, strict=True):
        width, height = size or (None, None)
        pictures[name] = {"url": address, "width": width, "height": height}
    return pictures
