"""The page of models in rotation."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from tests.visualsearch.catalogue import found_article
from tests.visualsearch.rotation import float32_folder, second_version, shipped_version
from visualsearch.models import ModelVersion, VersionDay
from visualsearch.services import versions
from visualsearch.services.rollout import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

LIST = "/admin/visualsearch/modelversion/"


@pytest.fixture(autouse=True)
def models(settings: Any, tmp_path: Path) -> None:
    settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "FOLDER": tmp_path / "models"}


def press(client: Client, version: ModelVersion, what: str) -> str:
    return client.post(f"{LIST}{version.pk}/steer/", {"do": what}, follow=True).text


def test_a_model_goes_its_whole_way_by_buttons(admin_client: Client) -> None:
    found_article("#b00020")
    before = versions.serving_version()

    building = admin_client.post(f"{LIST}register/", {"artefact": float32_folder()}, follow=True).text
    progress = admin_client.get(f"{LIST}progress/").json()
    trial = second_version()
    press(admin_client, trial, "compare")
    tried = press(admin_client, trial, "share 10")
    trial.refresh_from_db()
    share, shadow = trial.share, trial.shadow
    serving = press(admin_client, trial, "promote")
    after = versions.serving_version()
    admin_client.post(f"{LIST}back/")
    back = versions.serving_version()
    retired = press(admin_client, trial, "retire")

    assert "is being built: 0 of 1 photos" in building
    assert (progress["working"], progress["percent"]) == (True, 0)
    assert (share, shadow) == (10, True)
    assert "10% of visitors" in tried
    assert f"Go back to mobilenetv2-clothing-int8 {shipped_version()}" in serving
    assert (after, back) == (trial, before)
    assert "The version is retired." in retired


def test_figures_and_their_verdict_are_shown(admin_client: Client) -> None:
    serving, trial = versions.serving_version(), second_version()
    yesterday = timezone.now().date() - timedelta(days=1)
    for version in (serving, trial):
        VersionDay.objects.create(version=version, day=yesterday, close=90, none=10, compared=8, agreed=7200)

    page = admin_client.get(LIST).text

    assert "Not decided yet: 100 of 4000 searches" in page
    assert "10% <span" in page
    assert "90%" in page


def test_what_cannot_be_done_is_said(admin_client: Client) -> None:
    serving = versions.serving_version()
    version = second_version(built=False)

    too_early = press(admin_client, version, "promote")
    impossible = press(admin_client, serving, "retire")
    unknown = admin_client.post(f"{LIST}register/", {"artefact": "/etc"}, follow=True).text

    assert "can’t be activated" in too_early
    assert "Activate another model first." in impossible
    assert "no longer exists" in unknown
    assert versions.serving_version() == serving


@pytest.mark.parametrize("what", ["", "explode", "share", "share -1", "share x", "share " + "9" * 5_000])
def test_no_other_button_is_pressed(admin_client: Client, what: str) -> None:
    version = versions.serving_version()

    assert admin_client.post(f"{LIST}{version.pk}/steer/", {"do": what}).status_code == 404
    assert admin_client.post(f"{LIST}0/steer/", {"do": "promote"}).status_code == 404
    assert admin_client.get(f"{LIST}{version.pk}/steer/").status_code == 405


def test_who_may_only_look_changes_nothing(client: Client) -> None:
    serving, trial = versions.serving_version(), second_version()
    lifecycle.set_share(trial, 1)
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_modelversion"))
    client.force_login(user)

    page = client.get(LIST)
    pressed = client.post(f"{LIST}{trial.pk}/steer/", {"do": "promote"})

    assert page.status_code == 200
    assert "Activate" not in page.text
    assert pressed.status_code == 403
    assert versions.serving_version() == serving
