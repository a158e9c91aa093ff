from __future__ import annotations

import pytest

from tests.factories import PhotoFactory
from visualsearch.services import versions
from visualsearch.services.indexing import embedding, indexing, status
from visualsearch.services.indexing.status import IndexStatus
from visualsearch.services.monitoring import health

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_no_photo_is_found_and_waiting_at_once() -> None:
    """What a search counted a moment ago is not shown beside an index that has moved on."""
    version = versions.serving_version()
    photo = PhotoFactory.create()
    assert status.index_status(version, indexing.fresh_index(version)) == IndexStatus(vectors=0, sequence=0, pending=1)

    embedding.embed_photos([photo.pk])

    said = health.index_state(version)
    assert (said["vectors"], said["pending"]) == (1, 0)
