"""Forms of the search pages, except filters and photos."""

from __future__ import annotations

from typing import Any

from django import forms

from catalogue.exceptions import InvalidRequestError
from visualsearch.inference.garments import MOST_GARMENTS
from visualsearch.models import Feedback
from visualsearch.services.retrieval.options import MAX_OFFSET


class OptionsForm(forms.Form):
    """Options of search results: paging and emphasis."""

    offset = forms.IntegerField(min_value=0, max_value=MAX_OFFSET, required=False)
    emphasis = forms.FloatField(min_value=-1, max_value=1, required=False)
    garment = forms.IntegerField(min_value=1, max_value=MOST_GARMENTS, required=False)


class FeedbackForm(forms.Form):
    """A shopper's feedback on all results of a search. A script sends feedback on single articles to the API."""

    token = forms.CharField(strip=False)
    garment = forms.IntegerField(min_value=1, max_value=MOST_GARMENTS, required=False)
    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in (Feedback.Kind.NOT_SIMILAR, Feedback.Kind.CATEGORY)]
    )
    category = forms.SlugField(max_length=100, required=False)

    def clean(self) -> dict[str, Any]:
        """Require a category if the kind is CATEGORY."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if (
            values.get("kind") == Feedback.Kind.CATEGORY
            and not values.get("category")
            and "category" not in self.errors
        ):
            self.add_error("category", forms.Field.default_error_messages["required"])
        return values


def checked(form: forms.Form) -> dict[str, Any]:
    """Return a form's cleaned data. Raises InvalidRequestError, field by field."""
    if not form.is_valid():
        raise InvalidRequestError({name: [str(said) for said in messages] for name, messages in form.errors.items()})
    return form.cleaned_data
