from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

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
