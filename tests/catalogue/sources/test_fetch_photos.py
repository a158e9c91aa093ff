"""`manage.py fetch_photos`, as a person runs it."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from catalogue.models import PhotoSource
from tests.catalogue.sources.gallery import Gallery

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("fetch_photos", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_what_failed_is_listed_and_tried_again_on_request(gallery: Gallery) -> None:
    gallery.import_article("a.png", "b.png", host="127.0.0.1")
    reason = "The address has a port other than 80 or 443. Leave it out."

    assert run() == ["0 pictures fetched, 0 waiting, 2 failed."]
    assert run("--failed") == [
        *(f"D-1 {source.url}: {reason}" for source in PhotoSource.objects.order_by("position")),
        "0 pictures fetched, 0 waiting, 2 failed.",
    ]
    assert run("--again", "--failed") == ["2 pictures will be retried.", "0 pictures fetched, 2 waiting, 0 failed."]
