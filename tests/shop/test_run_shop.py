from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from shop.management.commands.run_shop import make_admin

pytestmark = pytest.mark.django_db


def opens(login: dict[str, str]) -> bool:
    """Whether it is the login of an owner."""
    user = get_user_model().objects.get(username=login["username"])
    return user.is_superuser and user.check_password(login["password"])


def test_the_first_start_makes_a_login_that_later_ones_repeat(tmp_path: Path) -> None:
    login = make_admin(tmp_path / "login.json")

    assert opens(login)
    assert make_admin(tmp_path / "login.json") == login
    assert (tmp_path / "login.json").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["login.json"]


def test_a_start_killed_before_the_user_was_made_is_resumed(tmp_path: Path) -> None:
    login = make_admin(tmp_path / "login.json")
    get_user_model().objects.all().delete()

    assert make_admin(tmp_path / "login.json") == login
    assert opens(login)


def test_an_owner_of_their_own_gets_no_second_login(tmp_path: Path) -> None:
    get_user_model().objects.create_superuser("eva", password="secret")

    make_admin(tmp_path / "login.json")

    assert get_user_model().objects.count() == 1
    assert not (tmp_path / "login.json").exists()
