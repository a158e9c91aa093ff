"""Roles of staff: three groups whose permissions follow from a rule, so that models of later versions are covered.

An app whose models staff work with has `owner_models` in its AppConfig: those that only owners see. All other models of
the app are the catalogue's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as LazyText


class Role(TextChoices):
    """What somebody on the staff does; also the name of the group. From the least to the most."""

    VIEWER = "viewer", _("Viewer")
    CATALOGUE = "catalogue", _("Catalogue")
    OWNER = "owner", _("Owner")

    @property
    def description(self) -> LazyText:
        return DESCRIPTIONS[self]


DESCRIPTIONS = {
    Role.VIEWER: _("Can see products, imports and reports, but not change them."),
    Role.CATALOGUE: _("Can add, change and delete products, photos and categories, and import files."),
    Role.OWNER: _(
        "Can do everything, including staff and their roles, partner apps and the models of search by photo."
    ),
}


def permissions_of(role: Role, using: str = "default") -> QuerySet[Permission]:
    """Return the permissions of a role, by rule."""
    permissions = Permission.objects.using(using).all()
    if role == Role.OWNER:
        return permissions
    of_staff = Q(pk__in=[])
    for config in apps.get_app_configs():
        owner_models = getattr(config, "owner_models", None)
        if owner_models is not None:
            of_staff |= Q(content_type__app_label=config.label) & ~Q(content_type__model__in=owner_models)
    permissions = permissions.filter(of_staff)
    return permissions.filter(codename__startswith="view_") if role == Role.VIEWER else permissions


def update_groups(using: str = "default") -> None:
    """Make the group of each role if there is none, and give it the permissions of the rule. Safe to repeat."""
    for role in Role:
        group, _created = Group.objects.using(using).get_or_create(name=role.value)
        group.permissions.set(permissions_of(role, using))


def role_of(user: Any) -> Role | None:
    """Return the highest role that a user was given; None for somebody without one, and for a superuser."""
    if not user.is_authenticated or user.is_superuser:
        return None
    names = set(user.groups.values_list("name", flat=True))
    return next((role for role in reversed(Role) if role.value in names), None)


def give_role(user: User, role: Role | None) -> None:
    """Give a user one role in place of any other, or none. Other groups of the user stay."""
    others = Group.objects.filter(name__in=Role.values)
    user.groups.remove(*(others.exclude(name=role) if role else others))
    if role:
        user.groups.add(Group.objects.get(name=role))


def is_owner(user: Any) -> bool:
    """Whether a user manages staff: an owner, or a superuser."""
    return bool(user.is_active and (user.is_superuser or role_of(user) == Role.OWNER))


def owners() -> QuerySet[User]:
    """Return the active staff who are owners or superusers."""
    may = Q(is_superuser=True) | Q(groups__name=Role.OWNER)
    return User.objects.filter(may, is_active=True, is_staff=True).distinct().order_by("username")


def least_role(permissions: Iterable[str]) -> Role | None:
    """Return the least role that has all of the permissions, as in "catalogue.add_article"; None if no role has."""
    wanted = set(permissions)
    for role in Role:
        rows = permissions_of(role).values_list("content_type__app_label", "codename")
        if wanted <= {f"{app}.{name}" for app, name in rows}:
            return role
    return None


def last_keepers() -> set[int]:
    """Return the ids of those of whom one must stay: the active superusers, or without any the active owners.

    Locks their rows, so that two of them who go at once see each other; so this needs a transaction.
    """
    for keepers in (User.objects.filter(is_superuser=True), User.objects.filter(groups__name=Role.OWNER)):
        found = set(keepers.filter(is_active=True, is_staff=True).select_for_update().values_list("pk", flat=True))
        if found:
            return found
    return set()
