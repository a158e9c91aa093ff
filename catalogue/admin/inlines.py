"""Inlines whose button names what it adds: Django's sentence fits no gender but one, as in French."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import InlineAdminFormSet


class NamedInlineFormSet(InlineAdminFormSet):
    """Django's rows of an inline, with the inline's `add_text` on their button."""

    def __init__(self, rows: InlineAdminFormSet) -> None:
        # All that Django gave it, so that this follows Django's own list of arguments.
        vars(self).update(vars(rows))

    def inline_formset_data(self) -> str:
        data = json.loads(super().inline_formset_data())
        data["options"]["addText"] = str(self.opts.add_text)
        return json.dumps(data)


class NamesInlines(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Mixin: each inline has an `add_text`, as "Add another photo"."""

    def get_inline_formsets(self, *args: Any, **kwargs: Any) -> list[Any]:
        return [NamedInlineFormSet(rows) for rows in super().get_inline_formsets(*args, **kwargs)]
