"""Staff's page of partners' apps. A key is shown once, when it is made."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.models import ApiClient


class ApiClientAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Programs of others that may ask more often than a stranger."""

    list_display = ("name", "key_start", "searches_a_minute", "photos_a_day", "revoked", "created")
    list_filter = ("revoked",)
    search_fields = ("name", "key_start")
    fields = ("name", "searches_a_minute", "photos_a_day", "revoked", "key_start")
    readonly_fields = ("key_start",)
    actions = ("change_keys",)

    class Media:
        css = {"all": ["admin/shop.css"]}

    def get_fields(self, request: HttpRequest, obj: ApiClient | None = None) -> Any:
        # What has no key yet has none to revoke.
        return self.fields if obj else ("name", "searches_a_minute", "photos_a_day")

    def save_model(self, request: HttpRequest, obj: ApiClient, form: Any, change: bool) -> None:
        key = None if change else obj.new_key()
        super().save_model(request, obj, form, change)
        if key:
            self.show_key(request, obj, key)

    @admin.action(description=_("Give a new key, and refuse the old one"), permissions=["change"])
    def change_keys(self, request: HttpRequest, apps: Any) -> None:
        for app in apps:
            key = app.new_key()
            app.save(update_fields=["key_start", "key_sha256"])
            self.show_key(request, app, key)

    def show_key(self, request: HttpRequest, app: ApiClient, key: str) -> None:
        said = gettext("The key of %(app)s is shown this once, so copy it now:") % {"app": app}
        self.message_user(request, format_html("{} <code>Api-Key {}</code>", said, key), messages.WARNING)
