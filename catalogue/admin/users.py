"""Admin pages of staff: a role each, and nobody who removes the last owner or gives rights of a superuser unawares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue import roles
from catalogue.admin.second_factor import HasSecondFactor
from catalogue.admin.styles import STYLES
from catalogue.roles import Role

LAST_OWNER = _("This is the last account that can manage staff. Give somebody else the role “Owner” first.")
LAST_SUPERUSER = _("This is the last superuser. Make somebody else one first.")


class RoleField(forms.ChoiceField):
    """A role, each with what it does; empty for rights of one's own."""

    widget = forms.RadioSelect

    def __init__(self, *, required: bool) -> None:
        # A function: each reader has it in a language of their own.
        super().__init__(label=_("Role"), choices=lambda: role_choices(optional=not required), required=required)

    def clean(self, value: Any) -> Role | None:
        role: str = super().clean(value)
        return Role(role) if role else None


def role_choices(*, optional: bool) -> list[tuple[str, str]]:
    choices: list[tuple[str, str]] = [
        (role.value, format_html("<strong>{}</strong> – {}", role.label, role.description)) for role in Role
    ]
    return [*choices, ("", gettext("No role: only individual rights"))] if optional else choices


class StaffAddForm(UserCreationForm):  # type: ignore[type-arg]  # no [] at run time
    """A new member of the staff."""

    role = RoleField(required=True)


class StaffForm(UserChangeForm):  # type: ignore[type-arg]  # no [] at run time
    """A member of the staff."""

    role = RoleField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            self.fields["role"].initial = roles.role_of(self.instance) or ""

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        role = values.get("role")
        if role and values.get("is_staff") is False:
            self.add_error("is_staff", _("A person with a role is staff. Tick this box, or choose no role."))
        if "role" in self.fields and roles.last_keepers() == {self.instance.pk}:
            self.check_keeper(role, values)
        return values

    def check_keeper(self, role: Role | None, values: dict[str, Any]) -> None:
        """Refuse to take what lets the last of them manage staff."""
        was_superuser = self.instance.__class__.objects.filter(pk=self.instance.pk, is_superuser=True).exists()
        superuser = values.get("is_superuser", was_superuser)
        stays = superuser if was_superuser else superuser or role == Role.OWNER
        if not (values.get("is_active") and values.get("is_staff", True) and stays):
            self.add_error(None, LAST_SUPERUSER if was_superuser else LAST_OWNER)


class RoleFilter(admin.SimpleListFilter):
    """Staff by role."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(role.value, role.label) for role in Role]

    def queryset(self, request: HttpRequest, users: QuerySet[User]) -> QuerySet[User]:
        return users.filter(groups__name=self.value()) if self.value() in Role.values else users


class ManagedByOwners:
    """Mixin: only owners and superusers change the rows, whatever single permissions somebody else has.

    Whoever changes users or groups can give themselves any right.
    """

    def has_add_permission(self, request: HttpRequest) -> bool:
        allowed: bool = super().has_add_permission(request)  # type: ignore[misc]  # of the ModelAdmin mixed into
        return allowed and roles.is_owner(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)  # type: ignore[misc]  # as above
        return allowed and roles.is_owner(request.user) and not self.is_protected(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)  # type: ignore[misc]  # as above
        return allowed and roles.is_owner(request.user) and not self.is_protected(request, obj)

    def is_protected(self, request: HttpRequest, obj: Any) -> bool:
        raise NotImplementedError


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class StaffAdmin(ManagedByOwners, HasSecondFactor, UserAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Users, each with a role. Single rights are for superusers, who alone make others superusers."""

    form = StaffForm
    add_form = StaffAddForm
    list_display = ("username", "full_name", "role", "is_active", "has_second_factor", "last_login")
    actions = ("reset_second_factor",)
    list_filter = (RoleFilter, "is_active", "is_superuser")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ("groups", "user_permissions")
    add_fieldsets = ((None, {"fields": ("username", "role", "password1", "password2")}),)
    PERSON: ClassVar[tuple[Any, ...]] = (
        (None, {"fields": ("username", "password", "role", "is_active")}),
        (_("Personal info"), {"fields": (("first_name", "last_name"), "email")}),
    )
    DATES: ClassVar[Any] = (_("Important dates"), {"fields": (("last_login", "date_joined"),)})
    RIGHTS: ClassVar[Any] = (
        _("Individual rights, on top of the role"),
        {"fields": ("is_superuser", "is_staff", "groups", "user_permissions"), "classes": ("collapse",)},
    )

    class Media:
        css = {"all": STYLES}

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        return (*self.PERSON, *((self.RIGHTS,) if request.user.is_superuser else ()), self.DATES)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            # Those of roles are chosen above.
            kwargs["queryset"] = Group.objects.exclude(name__in=Role.values)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def is_protected(self, request: HttpRequest, obj: User | None) -> bool:
        return obj is not None and obj.is_superuser and not request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        # A view without a form has no field "role" but this.
        viewed = obj is not None and not self.has_change_permission(request, obj)
        return (*self.readonly_fields, *(("role",) if viewed else ()))

    def get_deleted_objects(self, objs: Iterable[User], request: HttpRequest) -> Any:
        """Return what is deleted, or why nothing is: among them are all who could manage staff."""
        users = list(objs)
        keepers = roles.last_keepers()
        if keepers and keepers <= {user.pk for user in users}:
            superusers = any(user.is_superuser for user in users if user.pk in keepers)
            return [], {}, set(), [LAST_SUPERUSER if superusers else LAST_OWNER]
        return super().get_deleted_objects(users, request)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change or form.cleaned_data.get("role"):
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "role" in form.cleaned_data:
            roles.give_role(form.instance, form.cleaned_data["role"])

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @admin.display(description=_("role"))
    def role(self, user: User) -> str:
        if user.is_superuser:
            return gettext("Superuser")
        names = {group.name for group in user.groups.all()}
        role = next((role for role in reversed(Role) if role.value in names), None)
        return str(role.label) if role else gettext("No role")


@admin.register(Group)
class RightsAdmin(ManagedByOwners, GroupAdmin):
    """Groups. Those of the roles follow a rule and are only looked at."""

    list_display = ("shown_name", "members")

    def is_protected(self, request: HttpRequest, obj: Group | None) -> bool:
        return obj is not None and obj.name in Role.values

    @admin.display(description=_("name"), ordering="name")
    def shown_name(self, group: Group) -> str | SafeString:
        if group.name not in Role.values:
            return group.name
        role = Role(group.name)
        return format_html("{} – {}", gettext("Role “%(role)s”") % {"role": role.label}, role.description)

    @admin.display(description=_("members"))
    def members(self, group: Group) -> int:
        return group.user_set.count()
