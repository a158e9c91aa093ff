"""Forms of rows that others may change while they are open: what only others changed stays, and a conflict is shown.

Each field is sent with the value that it was shown with (Django's hidden initial). What differs from that is what its
sender changed, whatever the row has become since.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

# A field of a row of the list: its number, and its name.
_OF_ROW = re.compile(r"(initial-)?form-(\d{1,4})-(.+)")
SHOWN_AT_MOST = 80


class KeepsOthersChanges(forms.ModelForm):  # type: ignore[type-arg]  # no [] at run time
    """Mixin: writes the fields that were changed in the form, and none that somebody else changed meanwhile."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Fields that others changed since the form was opened, and that it leaves as they are.
        self.left_to_others: set[str] = set()
        self._followed: list[str] = []
        if not self.instance.pk:
            return
        followed = [name for name, field in self.fields.items() if not isinstance(field, forms.FileField)]
        # A list without entries sends nothing, so one field that is there speaks for all.
        if not self.is_bound or any(self.add_initial_prefix(name) in self.data for name in followed):
            self._followed = followed
        for name in self._followed:
            self.fields[name].show_hidden_initial = True

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]  # Django's own, not in the stubs
        for name in self._followed:
            field = self.fields[name]
            if not field.disabled:
                self._follow(name, field)

    def _follow(self, name: str, field: forms.Field) -> None:
        """Compare a field as it was shown, as it was sent, and as the row has it now."""
        stored = self.get_initial_for_field(field, name)
        key = self.add_initial_prefix(name)
        shown = field.hidden_widget().value_from_datadict(self.data, self.files, key)
        if not field.has_changed(stored, shown):
            return
        bound: Any = self[name]
        if not bound._has_changed():
            # The row was read in this request: what is not cleaned stays as it is.
            self.cleaned_data.pop(name, None)
            self.left_to_others.add(name)
        elif field.has_changed(stored, field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))):
            self.add_error(name, ValidationError(conflict_text(said(field, stored)), "conflict"))
            # Sent again, it replaces what the row has now.
            data: Any = QueryDict(mutable=True)
            data.update(self.data)
            value = field.prepare_value(stored)
            values = value if isinstance(value, list | tuple) else ["" if value is None else value]
            data.setlist(key, [str(one) for one in values])
            self.data = data


def conflict_text(value: str) -> str:
    if not value:
        return gettext("Somebody emptied this field in the meantime. Save again to replace it with what you entered.")
    text = gettext(
        "Somebody changed this to “%(value)s” in the meantime. Save again to replace it with what you entered."
    )
    return text % {"value": value}


def said(field: forms.Field, stored: Any) -> str:
    """Return a value that a row has, as its form shows it."""
    if isinstance(stored, bool):
        return gettext("yes") if stored else gettext("no")
    if isinstance(field, forms.ModelChoiceField) and not isinstance(stored, list | tuple):
        row = field.queryset.filter(pk=stored).first() if stored and field.queryset is not None else None
        return str(row) if row else ""
    values: Iterable[Any] = stored if isinstance(stored, list | tuple) else [] if stored is None else [stored]
    return Truncator(", ".join(map(str, values))).chars(SHOWN_AT_MOST)


class EditsList(ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Mixin: rows that were deleted while their list was open are left out when it is saved, with a message."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method != "POST" or "_save" not in request.POST:
            return super().changelist_view(request, extra_context)
        gone = self.leave_out_deleted(request)
        if gone:
            text = ngettext(
                "%(n)d product was deleted in the meantime. What you entered for it was not saved.",
                "%(n)d products were deleted in the meantime. What you entered for them was not saved.",
                gone,
            )
            self.message_user(request, text % {"n": gone}, messages.WARNING)
        # What is compared is what is written over.
        with transaction.atomic():
            keys = [value for name, value in request.POST.items() if name.endswith("-id") and str(value).isdecimal()]
            list(self.model._base_manager.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk"))
            return super().changelist_view(request, extra_context)

    def leave_out_deleted(self, request: HttpRequest) -> int:
        """Take the rows that are no longer there out of what was sent, and return how many."""
        rows: dict[int, dict[str, list[Any]]] = {}
        data = request.POST.copy()
        for name, values in request.POST.lists():
            if match := _OF_ROW.fullmatch(name):
                rows.setdefault(int(match[2]), {})[f"{match[1] or ''}form-%d-{match[3]}"] = values
                del data[name]
        keys = {number: (row.get("form-%d-id") or [""])[-1] for number, row in rows.items()}
        live = self.get_queryset(request).filter(pk__in=[key for key in keys.values() if as_key(key)])
        known = {str(pk) for pk in live.order_by().values_list("pk", flat=True)}
        there = [number for number in sorted(rows) if keys[number] in known]
        if len(there) == len(rows):
            return 0
        for place, number in enumerate(there):
            for name, values in rows[number].items():
                data.setlist(name % place, values)
        data["form-TOTAL_FORMS"] = data["form-INITIAL_FORMS"] = str(len(there))
        request.POST = data  # type: ignore[assignment]  # a copy of it
        return len(rows) - len(there)


def as_key(text: Any) -> bool:
    return isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 19
