"""Owners add staff and give them roles; nobody gets rights of a superuser that way, and one owner always stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from catalogue import roles
from catalogue.roles import Role
from tests.admin_pages import filled_in

pytestmark = pytest.mark.django_db

USERS = "/admin/auth/user/"
PASSWORD = "a long enough one"


def member(name: str, role: Role | None = None, **fields: Any) -> User:
    user = User.objects.create_user(name, is_staff=True, **fields)
    roles.give_role(user, role)
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner() -> User:
    return member("eva", Role.OWNER)


@pytest.fixture
def pages(owner: User) -> Client:
    return client_of(owner)


def change(client: Client, user: User, **changes: Any) -> Any:
    """Send the page of a user with some fields changed; None leaves a field out, as an unticked box."""
    address = f"{USERS}{user.pk}/change/"
    form = {**filled_in(client.get(address)), **changes}
    return client.post(address, {name: value for name, value in form.items() if value is not None}, follow=True)


@pytest.mark.parametrize("role", list(Role))
def test_an_owner_adds_staff_with_a_role(pages: Client, role: Role) -> None:
    form = {"username": "anna", "role": role.value, "password1": PASSWORD, "password2": PASSWORD}

    page = pages.post(f"{USERS}add/", form, follow=True)

    anna = User.objects.get(username="anna")
    assert page.status_code == 200
    assert (roles.role_of(anna), anna.is_staff, anna.is_superuser) == (role, True, False)
    assert client_of(anna).get("/admin/catalogue/article/").status_code == 200


def test_who_is_added_needs_a_role(pages: Client) -> None:
    page = pages.post(f"{USERS}add/", {"username": "anna", "password1": PASSWORD, "password2": PASSWORD})

    assert "role" in page.context["adminform"].form.errors
    assert not User.objects.filter(username="anna").exists()


def test_the_page_says_what_each_role_does_and_lists_no_single_rights(pages: Client) -> None:
    anna = member("anna", Role.VIEWER)

    page = pages.get(f"{USERS}{anna.pk}/change/").text

    assert "Can see products, imports and reports, but not change them." in page
    for field in ("user_permissions", "groups", "is_superuser", "is_staff"):
        assert f'name="{field}"' not in page


def test_a_role_is_changed_and_other_groups_stay(pages: Client) -> None:
    anna = member("anna", Role.VIEWER)
    anna.groups.add(Group.objects.create(name="weekend"))

    change(pages, anna, role="catalogue")

    assert roles.role_of(anna) == Role.CATALOGUE
    assert anna.groups.filter(name="weekend").exists()


def test_an_owner_makes_nobody_a_superuser(pages: Client, owner: User) -> None:
    anna = member("anna", Role.VIEWER)

    for user in (anna, owner):
        change(pages, user, is_superuser="on", user_permissions=["1"], groups=["1"])

    assert not User.objects.filter(is_superuser=True).exists()
    assert not anna.user_permissions.exists()


def test_an_owner_sees_a_superuser_and_changes_nothing_of_it(pages: Client) -> None:
    root = User.objects.create_superuser("root", password=PASSWORD)

    assert pages.get(f"{USERS}{root.pk}/change/").status_code == 200
    refused = [
        pages.post(f"{USERS}{root.pk}/change/", {"username": "mine"}),
        pages.get(f"{USERS}{root.pk}/password/"),
        pages.post(f"{USERS}{root.pk}/password/", {"password1": PASSWORD + "2", "password2": PASSWORD + "2"}),
        pages.post(f"{USERS}{root.pk}/delete/", {"post": "yes"}),
    ]
    pages.post(USERS, {"action": "delete_selected", "_selected_action": [root.pk], "post": "yes"})

    root.refresh_from_db()
    assert [page.status_code for page in refused] == [403, 403, 403, 403]
    assert (root.username, root.check_password(PASSWORD)) == ("root", True)


def test_a_superuser_makes_another_one_and_gives_single_rights(admin_client: Client) -> None:
    anna = member("anna", Role.VIEWER)
    group = Group.objects.create(name="weekend")

    change(admin_client, anna, is_superuser="on", groups=[group.pk])

    anna.refresh_from_db()
    assert anna.is_superuser
    assert set(anna.groups.values_list("name", flat=True)) == {"viewer", "weekend"}


@pytest.mark.database
@pytest.mark.parametrize("changes", [{"role": "viewer"}, {"role": "catalogue"}, {"is_active": None}])
def test_the_last_owner_stays(pages: Client, owner: User, changes: dict[str, Any]) -> None:
    member("left", Role.OWNER, is_active=False)

    page = change(pages, owner, **changes)

    assert "This is the last account that can manage staff." in page.text
    owner.refresh_from_db()
    assert (roles.role_of(owner), owner.is_active) == (Role.OWNER, True)


@pytest.mark.parametrize("changes", [{"is_superuser": None}, {"is_active": None}, {"is_staff": None, "role": ""}])
def test_the_last_superuser_stays_even_beside_an_owner(
    admin_client: Client, admin_user: User, owner: User, changes: dict[str, Any]
) -> None:
    page = change(admin_client, admin_user, **changes)

    assert "This is the last superuser." in page.text
    admin_user.refresh_from_db()
    assert (admin_user.is_superuser, admin_user.is_active, admin_user.is_staff) == (True, True, True)


def test_all_owners_are_not_deleted_at_once(pages: Client, owner: User) -> None:
    other = member("other", Role.OWNER)
    sent = {"action": "delete_selected", "_selected_action": [owner.pk, other.pk], "post": "yes"}

    together = pages.post(USERS, sent).text
    alone = pages.post(f"{USERS}{other.pk}/delete/", {"post": "yes"}, follow=True)
    last = pages.post(f"{USERS}{owner.pk}/delete/", {"post": "yes"}, follow=True)

    assert "This is the last account that can manage staff." in together
    assert alone.status_code == 200
    assert "This is the last account that can manage staff." in last.text
    assert list(User.objects.all()) == [owner]


def test_an_owner_who_is_not_the_last_goes_over_to_another_role(pages: Client, owner: User) -> None:
    member("other", Role.OWNER)

    change(pages, owner, role="catalogue")

    assert roles.role_of(owner) == Role.CATALOGUE


def test_rights_to_change_users_that_were_given_singly_make_nobody_an_owner() -> None:
    clerk = member("clerk")
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    client = client_of(clerk)

    assert client.get(f"{USERS}add/").status_code == 403
    assert client.post(f"{USERS}{clerk.pk}/change/", {"username": "clerk", "role": "owner"}).status_code == 403
    assert roles.role_of(clerk) is None


def test_the_groups_of_roles_are_only_looked_at(pages: Client) -> None:
    group = Group.objects.get(name="viewer")
    before = group.permissions.count()

    assert "Role “Viewer”" in pages.get("/admin/auth/group/").text
    assert pages.post(f"/admin/auth/group/{group.pk}/change/", {"name": "viewer"}).status_code == 403
    assert pages.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Group.objects.get(name="viewer").permissions.count() == before
