"""The rows of the table of a pile: a form each, what of it is saved, and where photos go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.admin.actions import CategoryField
from catalogue.messages.rendering import render_stored
from catalogue.models import Category
from visualsearch.models import PileGroup
from visualsearch.services import piles


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]  # no [] at run time
    """One article of a pile, in a row of the table."""

    category = CategoryField(queryset=Category.objects.order_by("path"), required=False, label=_("category"))

    class Meta:
        model = PileGroup
        fields = ("name", "name_fr", "sku", "category", "price", "colours", "left_out")
        widgets = {"colours": forms.CheckboxSelectMultiple, "price": forms.TextInput(attrs={"inputmode": "decimal"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name not in {"colours", "left_out"}:
                label = gettext("%(field)s of product %(number)d")
                field.widget.attrs["placeholder"] = field.label
                field.widget.attrs["aria-label"] = label % {"field": field.label, "number": self.instance.number}


def save_row(row: GroupForm) -> bool:
    """Save what of a row is valid, and return whether all of it is."""
    if row.is_valid():
        row.instance.errors = {}
        row.save()
        return True
    valid = {name: value for name, value in row.cleaned_data.items() if name not in row.errors}
    colours = valid.pop("colours", None)
    # A row of the database again: the form has put what is wrong into its own.
    group = PileGroup.objects.get(pk=row.instance.pk)
    for name, value in valid.items():
        setattr(group, name, value)
    group.save()
    if colours is not None:
        group.colours.set(colours)
    return False


def moves_of(request: HttpRequest) -> piles.Moves:
    """Return where photos go, by the numbers beside them; one that is no number changes nothing."""
    numbers: dict[int, int] = {}
    mains: set[int] = set()
    for name, value in request.POST.items():
        kind, _dash, key = name.partition("-")
        text = str(value).strip()
        if kind == "photo" and key.isdecimal() and len(key) < 19 and (not text or (text.isdecimal() and len(text) < 6)):
            numbers[int(key)] = int(text or 0)
        elif kind == "main" and text.isdecimal() and len(text) < 19:
            mains.add(int(text))
    return piles.Moves(numbers, frozenset(mains))


def errors_of(row: GroupForm) -> list[str]:
    """Return what is wrong with a row: as it was typed, or as it could not be added."""
    typed = [f"{row[name].label}: {text}" for name, texts in row.errors.items() for text in texts]
    labels = {name: str(field.label) for name, field in row.fields.items()} | {"photos": gettext("photos")}
    stored = [f"{labels.get(name, name)}: {render_stored(error)}" for name, error in row.instance.errors.items()]
    return [capfirst(text) for text in (typed or stored)]
