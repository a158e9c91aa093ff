from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from catalogue.roles import Role, give_role
from shop.management.commands.run_shop import make_admin, shown_login

pytestmark = pytest.mark.django_db


@pytest.fixture
def said() -> list[str]:
    """What the start prints."""
    return []


def opens(login: dict[str, str] | None) -> bool:
    """Whether it is the login of an owner."""
    assert login is not None
    user = get_user_model().objects.get(username=login["username"])
    return user.is_superuser and user.check_password(login["password"])


def test_the_first_start_makes_a_login_that_later_ones_repeat(tmp_path: Path, said: list[str]) -> None:
    login = make_admin(tmp_path / "login.json", said.append)

    assert opens(login)
    assert said == []
    assert make_admin(tmp_path / "login.json", said.append) == login
    assert (tmp_path / "login.json").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["login.json"]


def test_a_start_killed_before_the_user_was_made_is_resumed(tmp_path: Path, said: list[str]) -> None:
    login = make_admin(tmp_path / "login.json", said.append)
    get_user_model().objects.all().delete()

    assert make_admin(tmp_path / "login.json", said.append) == login
    assert opens(login)


def test_an_owner_of_their_own_gets_no_second_login(tmp_path: Path, said: list[str]) -> None:
    get_user_model().objects.create_superuser("eva", password="secret")

    make_admin(tmp_path / "login.json", said.append)

    assert get_user_model().objects.count() == 1
    assert not (tmp_path / "login.json").exists()


@pytest.mark.parametrize("active", [True, False])
def test_an_account_called_admin_that_owns_nothing_is_left_as_it_is(
    tmp_path: Path, said: list[str], active: bool
) -> None:
    clerk = User.objects.create_user("admin", password="clerk", is_staff=True, is_active=active)

    login = make_admin(tmp_path / "login.json", said.append)

    assert (login and login["username"], opens(login)) == ("admin2", True)
    assert "“admin” has other rights. So “admin2” was added." in said[0]
    assert make_admin(tmp_path / "login.json", said.append) == login
    clerk.refresh_from_db()
    assert (clerk.is_superuser, clerk.check_password("clerk")) == (False, True)


def test_a_login_that_was_made_and_lost_its_rights_gets_a_successor(tmp_path: Path, said: list[str]) -> None:
    make_admin(tmp_path / "login.json", said.append)
    User.objects.update(is_superuser=False)

    login = make_admin(tmp_path / "login.json", said.append)

    assert (login and login["username"], opens(login), len(said)) == ("admin2", True, 1)


def test_a_password_that_was_changed_is_said_to_be_stale_and_kept_no_longer(tmp_path: Path, said: list[str]) -> None:
    first = shown_login(tmp_path / "login.json", said.append)
    password = json.loads((tmp_path / "login.json").read_text())["password"]
    user = User.objects.get()
    user.set_password("my own")
    user.save()

    after = shown_login(tmp_path / "login.json", said.append)
    later = shown_login(tmp_path / "login.json", said.append)

    assert first == f"admin / {password}   (change it there: “Change password”)"
    assert after == "your own login and password; the one that was printed for “admin” no longer works"
    assert later == "your own login and password"
    assert list(tmp_path.iterdir()) == []


def test_an_owner_by_role_needs_no_superuser(tmp_path: Path, said: list[str]) -> None:
    eva = User.objects.create_user("eva", is_staff=True)
    give_role(eva, Role.OWNER)

    make_admin(tmp_path / "login.json", said.append)

    assert list(User.objects.all()) == [eva]
