"""Admin page of API tokens: each of the staff makes, sees and revokes their own; a token is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue import roles
from catalogue.models import ApiToken
from catalogue.rights import API_RIGHTS, rights_of

LIFETIMES = (("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), ("", _("It does not expire")))


class ApiTokenForm(forms.ModelForm):  # type: ignore[type-arg]  # no [] at run time
    """A new token: what it is for, what it may do, and for how long."""

    named_rights = forms.MultipleChoiceField(
        label=_("It may"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What the program needs, and no more. Rights that its user loses, the token loses too."),
    )
    lifetime = forms.ChoiceField(label=_("Valid for"), choices=LIFETIMES, required=False, initial="90")
    # Whose rights can be named; set by the page, of its reader.
    reader: User
    manages_others = False

    class Meta:
        model = ApiToken
        fields = ("user", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = API_RIGHTS if self.manages_others else rights_of(self.reader)
        self.fields["named_rights"].choices = [(right, API_RIGHTS[right]) for right in named]  # type: ignore[attr-defined]  # choices
        if "user" in self.fields:
            self.fields["user"].initial = self.reader.pk

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        user = values.get("user", self.reader)
        lacking = set(values.get("named_rights", ())) - set(rights_of(user)) if user else set()
        if lacking:
            said = ", ".join(str(API_RIGHTS[right]) for right in API_RIGHTS if right in lacking)
            self.add_error("named_rights", _("This person may not do that: %(rights)s.") % {"rights": said})
        return values


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Tokens of one's own. Owners see, make and revoke those of all staff but superusers; superusers, of all."""

    form = ApiTokenForm
    list_display = ("name", "key_start", "user", "created", "used", "until")
    search_fields = ("name", "user__username")
    readonly_fields = ("name", "user", "key_start", "may", "created", "used", "until")

    def has_module_permission(self, request: HttpRequest) -> bool:
        # Of no use to who can neither make one nor has one. The login's page asks too, of nobody.
        return request.user.is_active and (self.has_add_permission(request) or self.get_queryset(request).exists())

    def has_view_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return request.user.is_active and (obj is None or self.get_queryset(request).filter(pk=obj.pk).exists())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and bool(rights_of(request.user))

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return self.has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens: QuerySet[ApiToken] = super().get_queryset(request).select_related("user")
        if request.user.is_superuser:
            return tokens
        if roles.is_owner(request.user):
            return tokens.filter(user__is_superuser=False)
        return tokens.filter(user=cast(User, request.user))

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        if obj is not None:
            return self.readonly_fields
        return (*(("user",) if roles.is_owner(request.user) else ()), "name", "named_rights", "lifetime")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def get_form(self, request: HttpRequest, obj: ApiToken | None = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        return type("OwnTokenForm", (made,), {"reader": request.user, "manages_others": roles.is_owner(request.user)})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            users = User.objects.filter(is_active=True)
            kwargs["queryset"] = users if request.user.is_superuser else users.filter(is_superuser=False)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        if obj.user_id is None:
            obj.user = cast(User, request.user)
        days = form.cleaned_data["lifetime"]
        obj.rights = sorted(form.cleaned_data["named_rights"])
        obj.expires = timezone.now() + timedelta(days=int(days)) if days else None
        key = obj.new_key()
        super().save_model(request, obj, form, change)
        said = gettext("The token “%(name)s” is shown only this once. Copy it now:") % {"name": obj.name}
        self.message_user(request, format_html("{} <code>Token {}</code>", said, key), messages.WARNING)

    @admin.display(description=_("It may"))
    def may(self, token: ApiToken) -> str | SafeString:
        if token.rights is None:
            return gettext("Everything that its user may")
        names = [(str(API_RIGHTS.get(right, right)),) for right in token.rights]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", names))

    @admin.display(description=_("last used"), ordering="last_used")
    def used(self, token: ApiToken) -> Any:
        return token.last_used or gettext("Never")

    @admin.display(description=_("expires"), ordering="expires")
    def until(self, token: ApiToken) -> Any:
        if token.has_expired:
            return gettext("Expired")
        return token.expires or gettext("Never")
