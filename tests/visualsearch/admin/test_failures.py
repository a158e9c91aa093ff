"""Staff's list of searches that went wrong: the photos that shoppers left, and the products nearest to them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalogue import roles
from catalogue.models import Article
from catalogue.roles import Role
from tests.factories import drawn_picture
from tests.visualsearch.catalogue import found_article, query_for
from visualsearch.models import ModelFailure, ModelVersion
from visualsearch.services.rollout import feedback

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LIST = reverse("admin:visualsearch_modelfailure_changelist")


def failed_search(colour: str, *, search: str = "s", photo: bool = True) -> ModelFailure:
    failure = feedback.failure_of(query_for(colour), "not_similar", search)
    if photo:
        failure.photo.save("p.webp", ContentFile(drawn_picture(colour)), save=False)
    failure.save()
    return failure


def change(article: Article) -> str:
    return reverse("admin:catalogue_article_change", args=[article.pk])


def test_beside_a_photo_that_was_left_are_the_nearest_products(admin_client: Client) -> None:
    red, blue = found_article("#b00020"), found_article("#1f3a5f")
    found_article("#2e7d32", published=False)
    failed_search("#b00020")

    page = admin_client.get(LIST).text

    assert 0 < page.index(change(red)) < page.index(change(blue))
    assert page.count('class="thumbnail"') == 3


def test_without_a_photo_nothing_is_searched_for(admin_client: Client) -> None:
    red = found_article("#b00020")
    failed_search("#b00020", photo=False)

    assert change(red) not in admin_client.get(LIST).text


def test_a_longer_list_costs_no_more_statements(admin_client: Client) -> None:
    found_article("#b00020")
    counts = []
    for number in range(2):
        for more in range(4):
            failed_search("#b00020", search=f"{number}-{more}")
        admin_client.get(LIST)
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(LIST)
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_searches_of_a_retired_version_are_listed_without_products(admin_client: Client) -> None:
    red = found_article("#b00020")
    failure = failed_search("#b00020")
    other = ModelVersion.objects.create(name="old", version="1", dimensions=8, state="retired")
    ModelFailure.objects.filter(pk=failure.pk).update(version=other)

    page = admin_client.get(LIST)

    assert page.status_code == 200
    assert change(red) not in page.text


def test_only_superusers_see_the_names_of_versions(client: Client, admin_client: Client) -> None:
    failed_search("#b00020")
    owner = User.objects.create_user("owner", is_staff=True)
    roles.give_role(owner, Role.OWNER)
    client.force_login(owner)

    assert "mobilenet" in admin_client.get(LIST).text
    assert "mobilenet" not in client.get(LIST).text


def test_the_filter_by_what_was_recognised_has_the_names_of_shops(admin_client: Client) -> None:
    for number, label in enumerate(["t-shirt", "longsleeve"]):
        failure = failed_search("#b00020", search=str(number), photo=False)
        ModelFailure.objects.filter(pk=failure.pk).update(predicted=label)

    page = admin_client.get(LIST, {"predicted": "longsleeve"}, headers={"Accept-Language": "fr"})

    changes = page.context["cl"]
    (by_label,) = [spec for spec in changes.filter_specs if spec.title == "reconnu comme"]
    assert [choice["display"] for choice in by_label.choices(changes)][1:] == ["Haut à manches longues", "T-shirt"]
    assert [failure.predicted for failure in changes.result_list] == ["longsleeve"]
