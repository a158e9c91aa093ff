from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.urls import clear_script_prefix, reverse, set_script_prefix

from catalogue.photos import services
from tests.factories import PhotoFactory


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [0, 5, 40, 100, -1])
@pytest.mark.parametrize("kind", services.RENDITION_KINDS)
def test_a_rendition_that_was_cut_short_is_drawn_anew(kept: int, kind: str) -> None:
    photo = PhotoFactory.create()
    whole = services.get_rendition(photo, width=320, kind=kind)
    path = services.rendition_path(photo.sha256, 320, kind)
    storages["renditions"].save(path, ContentFile(whole[:kept]))

    assert services.get_rendition(photo, width=320, kind=kind) == whole
    with storages["renditions"].open(path) as file:
        assert file.read() == whole


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["/", "/shop/"])
def test_addresses_of_renditions_are_those_that_django_makes(prefix: str) -> None:
    photo, asked = PhotoFactory.create(), ((320, "webp"), (1280, "avif"))
    set_script_prefix(prefix)
    try:
        addresses = [photo.image_url(*one) for one in asked]
        expected = [reverse("rendition", args=[photo.pk, photo.sha256[:16], *one]) for one in asked]
    finally:
        clear_script_prefix()

    assert addresses == expected
    assert all(address.startswith(f"{prefix}media/") for address in addresses)
