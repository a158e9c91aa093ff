"""Admin pages, filled in and sent as a browser does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Page


def filled_in(page: Page) -> dict[str, Any]:
    """Return what a browser would send if staff changed nothing on a change form, its inline forms included."""
    formsets = [inline.formset for inline in page.context["inline_admin_formsets"]]
    shown = [page.context["adminform"].form]
    for formset in formsets:
        shown += [formset.management_form, *formset.forms]
    return {name: value for form in shown for name, value in sent_by(form).items()}


def sent_by(form: forms.BaseForm) -> dict[str, Any]:
    sent = {}
    for field in form:
        value = field.value()
        is_file = isinstance(field.field, forms.FileField)
        if is_file or value is None or value is False:
            continue
        sent[field.html_name] = [getattr(v, "pk", v) for v in value] if isinstance(value, list) else value
    return sent
