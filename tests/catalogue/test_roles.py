"""Roles of staff: what each may do follows from a rule, in a new shop and in one that was there before."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from catalogue import roles
from catalogue.roles import Role
from tests.catalogue.test_migrations import migrated

pytestmark = [pytest.mark.django_db, pytest.mark.switch]

OWNER_MODELS = {"apiclient", "modelversion", "versionday", "webhookattempt"}


def with_role(name: str, role: Role | None = None, **fields: Any) -> User:
    user = User.objects.create_user(name, is_staff=True, **fields)
    roles.give_role(user, role)
    # Permissions are cached in the object.
    return User.objects.get(pk=user.pk)


def test_a_new_shop_has_the_roles() -> None:
    assert set(Role.values) <= set(Group.objects.values_list("name", flat=True))


@pytest.mark.parametrize("app", ["catalogue", "visualsearch"])
def test_each_model_is_covered_whenever_it_was_added(app: str) -> None:
    if not apps.is_installed(app):
        pytest.skip("The shop has no search by photo.")
    viewer, catalogue, owner = (with_role(role, role) for role in Role)

    for model in apps.get_app_config(app).get_models():
        name = model._meta.model_name or ""
        rights = {f"{app}.{verb}_{name}" for verb in model._meta.default_permissions}
        seen = {right for right in rights if ".view_" in right}
        assert owner.has_perms(rights), name
        assert catalogue.has_perms(rights) is (name not in OWNER_MODELS), name
        assert {right for right in rights if viewer.has_perm(right)} == (set() if name in OWNER_MODELS else seen), name


def test_only_owners_manage_staff_and_nobody_is_a_superuser_by_role() -> None:
    viewer, catalogue, owner = (with_role(role, role) for role in Role)

    assert [user.has_perm("auth.change_user") for user in (viewer, catalogue, owner)] == [False, False, True]
    assert not owner.is_superuser
    assert [roles.is_owner(user) for user in (viewer, catalogue, owner)] == [False, False, True]


def test_migrating_again_restores_what_was_changed_by_hand_and_keeps_members() -> None:
    anna = with_role("anna", Role.CATALOGUE)
    group = Group.objects.get(name="catalogue")
    group.permissions.clear()
    Group.objects.get(name="owner").delete()

    call_command("migrate", verbosity=0)

    assert User.objects.get(pk=anna.pk).has_perm("catalogue.add_article")
    assert Group.objects.get(name="owner").permissions.count() == Permission.objects.count()


@pytest.mark.django_db(transaction=True)
def test_a_group_that_was_called_as_a_role_keeps_its_members_and_their_permissions() -> None:
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    anna, eva = with_role("anna"), with_role("eva", Role.OWNER)
    try:
        migrated("0014_photo_drafts")
        theirs = Group.objects.create(name="catalogue")
        theirs.permissions.add(Permission.objects.get(codename="view_article"))
        anna.groups.add(theirs)
    finally:
        MigrationExecutor(connection).migrate(latest)
    roles.update_groups()

    anna, eva = User.objects.get(pk=anna.pk), User.objects.get(pk=eva.pk)
    assert [group.name for group in anna.groups.all()] == ["catalogue (before roles)"]
    assert anna.get_all_permissions() == {"catalogue.view_article"}
    # Given before a downgrade.
    assert roles.role_of(eva) == Role.OWNER


def test_a_role_replaces_another_and_leaves_other_groups() -> None:
    user = with_role("anna", Role.OWNER)
    user.groups.add(Group.objects.create(name="weekend"))

    roles.give_role(user, Role.VIEWER)

    assert set(user.groups.values_list("name", flat=True)) == {"viewer", "weekend"}


def test_the_role_to_ask_for_is_the_least_that_does_it() -> None:
    assert roles.least_role(["catalogue.view_article"]) == Role.VIEWER
    assert roles.least_role(["catalogue.view_article", "catalogue.delete_article"]) == Role.CATALOGUE
    assert roles.least_role(["catalogue.add_apiclient"]) == Role.OWNER
    assert roles.least_role(["catalogue.fly"]) is None


@pytest.mark.database
def test_one_superuser_must_stay_and_without_any_one_owner() -> None:
    owner = with_role("eva", Role.OWNER)
    with_role("left", Role.OWNER, is_active=False)
    assert roles.last_keepers() == {owner.pk}

    superuser = User.objects.create_superuser("root")
    assert roles.last_keepers() == {superuser.pk}
    assert [user.username for user in roles.owners()] == ["eva", "root"]
