"""Admin page of API clients. A key is shown once, when it is generated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminIntegerFieldWidget
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.admin.styles import STYLES
from catalogue.models import ApiClient
from catalogue.rate_limits import RATES, Rate

# The maximum of a 32-bit integer: for staff, as good as no limit.
HIGHEST_QUOTA = 2_147_483_647


class ApiClientAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """API clients, each with its own quotas: one form field and list column per registered rate."""

    list_filter = ("revoked",)
    search_fields = ("name", "key_start")
    readonly_fields = ("key_start",)
    actions = ("change_keys", "change_webhook_secrets")

    class Media:
        css = {"all": STYLES}

    def get_list_display(self, request: HttpRequest) -> Any:
        return ("name", "key_start", *map(quota_column, RATES.values()), "revoked", "created")

    def get_fields(self, request: HttpRequest, obj: ApiClient | None = None) -> Any:
        # A new client has no key yet to show or revoke.
        return ("name", *RATES, *(("revoked", "key_start") if obj else ()))

    def get_form(self, request: HttpRequest, obj: ApiClient | None = None, change: bool = False, **kwargs: Any) -> Any:
        quotas = {rate.name: quota_field(rate, obj) for rate in RATES.values()}
        return super().get_form(
            request, obj, change, **{**kwargs, "form": type("ApiClientForm", (forms.ModelForm,), quotas)}
        )

    def save_model(self, request: HttpRequest, obj: ApiClient, form: Any, change: bool) -> None:
        obj.rates |= {name: form.cleaned_data[name] for name in RATES}
        key = None if change else obj.new_key()
        super().save_model(request, obj, form, change)
        if key:
            self.show_key(request, obj, key)

    @admin.action(description=_("Create a new key and revoke the old one"), permissions=["change"])
    def change_keys(self, request: HttpRequest, apps: Any) -> None:
        for app in apps:
            key = app.new_key()
            app.save(update_fields=["key_start", "key_sha256"])
            self.show_key(request, app, key)

    @admin.action(description=_("Create a new webhook secret"), permissions=["change"])
    def change_webhook_secrets(self, request: HttpRequest, apps: Any) -> None:
        for app in apps:
            secret = app.new_webhook_secret()
            said = gettext("The webhook secret of %(app)s is shown only this once. Copy it now:") % {"app": app}
            self.message_user(request, format_html("{} <code>{}</code>", said, secret), messages.WARNING)

    def show_key(self, request: HttpRequest, app: ApiClient, key: str) -> None:
        said = gettext("The key of %(app)s is shown only this once. Copy it now:") % {"app": app}
        self.message_user(request, format_html("{} <code>Api-Key {}</code>", said, key), messages.WARNING)


def quota_field(rate: Rate, client: ApiClient | None) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=0,
        max_value=HIGHEST_QUOTA,
        label=capfirst(rate.label),
        help_text=rate.help_text,
        initial=rate.default if client is None else rate.quota_of(client),
        widget=AdminIntegerFieldWidget,
    )


def quota_column(rate: Rate) -> Callable[[ApiClient], int]:
    @admin.display(description=rate.label, ordering=f"rates__{rate.name}")
    def quota(client: ApiClient) -> int:
        return rate.quota_of(client)

    return quota
