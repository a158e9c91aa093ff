"""Why a photo cannot be found is said in the language of whoever reads it, whatever the reason."""

from __future__ import annotations

import sys

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils.translation import override
from PIL import Image

from catalogue.exceptions import ImageError
from catalogue.imaging import Limits, read_image
from catalogue.models import photo_storage
from tests.catalogue.imaging.pictures import HEIC_TURNED, encode
from tests.factories import PhotoFactory
from visualsearch.models import EmbeddingFailure
from visualsearch.reasons import in_language
from visualsearch.services import versions
from visualsearch.services.indexing import embedding

DATA = encode(Image.new("RGB", (40, 30)), "PNG")


def reason_of(data: bytes, limits: Limits) -> str:
    with pytest.raises(ImageError) as refusal:
        read_image(data, limits=limits)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("data", "limits", "said"),
    [
        (b"", Limits(), "Le fichier est vide."),
        (DATA[:40], Limits(), "ou il est endommagé"),
        (b"\xff\xd8\xff" + bytes(1_500_000), Limits(max_bytes=1_500_000), "plus de 1.5 Mo"),
        (DATA, Limits(max_pixels=1_000), "40 × 30 pixels, plus de 0.001 mégapixels"),
        (HEIC_TURNED, Limits(), "Les images HEIC ne sont pas lues ici"),
    ],
    ids=["empty", "damaged", "bytes", "pixels", "HEIC"],
)
def test_each_reason_of_the_reader_is_said_in_french(
    monkeypatch: pytest.MonkeyPatch, data: bytes, limits: Limits, said: str
) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    reason = reason_of(data, limits)

    with override("fr"):
        assert said in in_language(reason)
    with override("en"):
        assert in_language(reason) == reason


def test_a_reason_that_is_not_known_is_shown_as_it_is() -> None:
    with override("fr"):
        assert in_language("Something else. Do something.") == "Something else. Do something."


@pytest.mark.django_db
@pytest.mark.parametrize("lost", [True, False])
def test_staff_read_in_french_what_became_of_a_photos_file(admin_client: Client, lost: bool) -> None:
    versions.serving_version()
    photo = PhotoFactory.create()
    photo_storage().delete(str(photo.file.name))
    if not lost:
        photo_storage().save(str(photo.file.name), ContentFile(b"another"))
    embedding.embed_photos([photo.pk])

    # A request's language stays active in its thread.
    with override("fr"):
        page = admin_client.get(f"/fr/admin/catalogue/article/{photo.article_id}/change/").content.decode()

    assert EmbeddingFailure.objects.get().reason not in page
    assert ("Le fichier de la photo a disparu" if lost else "Ce n’est pas le fichier qui a été enregistré") in page
