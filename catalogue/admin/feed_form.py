"""The settings of a feed that the shop fetches by itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.admin.import_words import FORMAT_NAMES
from catalogue.admin.imports import ENCODINGS
from catalogue.exceptions import NotFetchedError
from catalogue.feeds import FeedError
from catalogue.feeds.columns import columns_of, read_columns, written_columns
from catalogue.feeds.csv_reader import FIELDS
from catalogue.imaging import check_address
from catalogue.messages.rendering import render
from catalogue.models import ScheduledFeed
from catalogue.scheduled_feeds import fetching

# What decides how a file is read: once it changes, the same file is read again.
READING = {"url", "kind", "encoding", "columns_text", "hidden"}


class ScheduledFeedForm(forms.ModelForm):  # type: ignore[type-arg]  # no [] at run time
    """A feed's address, its schedule, and how its file is read. The password is never shown again."""

    url = forms.CharField(
        label=_("Address"),
        max_length=2_000,
        widget=forms.URLInput(attrs={"class": "vURLField", "placeholder": "https://supplier.example/feed.xml"}),
        help_text=_("http or https, on a public server. The file may be compressed with gzip."),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("It is not shown again. Leave empty to keep it."),
    )
    daily_at = forms.TimeField(
        label=_("Time of day"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=_("For a feed that is fetched every day."),
    )
    kind = forms.ChoiceField(
        label=_("Format"), required=False, choices=lambda: [("", _("Detect automatically")), *FORMAT_NAMES.items()]
    )
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS, required=False)
    columns_text = forms.CharField(
        label=_("Columns"),
        required=False,
        max_length=40_000,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_(
            "For a table with other column names, such as sku=reference, name=label, price=pvp. Leave empty "
            "to choose them in the preview."
        ),
    )
    hidden = forms.BooleanField(
        label=_("Keep new products hidden until I publish them"),
        required=False,
        help_text=_("Applies where the file does not say whether a product is published."),
    )

    class Meta:
        model = ScheduledFeed
        fields = ("name", "url", "user", "password", "schedule", "daily_at", "kind", "encoding", "on_leaving",
                  "leaving_percent")  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before = (self.instance.url, self.instance.password)
        self.fields["columns_text"].initial = written_columns(columns_of(self.instance.columns or {}))
        self.fields["daily_at"].initial = self.instance.daily_at
        self.fields["hidden"].initial = not self.instance.published
        self.fields["leaving_percent"].help_text = gettext(
            "A feed that loses this many products at once may be broken. Nothing is removed until you answer."
        )

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            check_address(url, fetching.fetch_policy())
        except NotFetchedError as error:
            raise forms.ValidationError(render(error.message)) from error
        return url

    def clean_columns_text(self) -> str:
        text = str(self.cleaned_data["columns_text"])
        try:
            columns = read_columns(text)
            if unknown := set(columns) - set(FIELDS):
                raise FeedError("feed.unknown_field", unknown=sorted(unknown), fields=FIELDS)
        except FeedError as error:
            raise forms.ValidationError(render(error.message)) from error
        self.instance.columns = columns
        return text

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        url, password = self._before
        if not given.get("user"):
            given["password"] = ""
        elif not given.get("password"):
            # Whoever may change the address could otherwise have the password sent to a server of their own.
            if password and given.get("url") and _origin(given["url"]) != _origin(url):
                self.add_error("password", gettext("Enter the password again: the address is on another server."))
            given["password"] = password
        if given.get("columns_text") and given.get("kind") not in {"", "csv", "zip", None}:
            self.add_error("columns_text", gettext("Columns only apply to the format “a table”."))
        self.instance.published = not given.get("hidden")
        return given


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()
