from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from tests.factories import BrandFactory, CategoryFactory, ColourFactory

pytestmark = pytest.mark.django_db


def listed() -> list[str]:
    out = io.StringIO()
    call_command("list_merged", stdout=out)
    return out.getvalue().splitlines()


def test_what_earlier_versions_may_have_merged_is_named() -> None:
    brand = BrandFactory.create(name="H&M", slug="hm")
    colour = ColourFactory.create(name="Красный 1", slug="1")
    women = CategoryFactory.create(name="Women", slug="women")
    shoes = CategoryFactory.create(name="Shoes", slug="shoes", parent=women)

    assert listed() == [
        f"category {shoes.pk} “Shoes” (shoes), 0 articles: articles of a category of this name below another one were "
        "filed here too",
        f"brand {brand.pk} “H&M” (hm), 0 articles: its slug leaves out &",
        f"colour {colour.pk} “Красный 1” (1), 0 articles: its slug leaves out Красный",
        "3 to look at.",
    ]


def test_names_that_their_slugs_say_in_full_are_not() -> None:
    BrandFactory.create(name="Atelier Nord", slug="atelier-nord")
    BrandFactory.create(name="Linnea & Fils", slug="linnea-et-fils")
    CategoryFactory.create(name="Shirts", slug="shirt", parent=CategoryFactory.create(name="Tops", slug="tops"))
    ColourFactory.create(name="帽子", slug="name-0123456789ab")

    assert listed() == ["No merged names found."]
