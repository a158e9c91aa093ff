"""What a shopper's photo may show, as links that narrow its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse

from catalogue.browsing.filter_panel import Panel
from catalogue.models import Category
from visualsearch.services.labels import in_words
from visualsearch.services.rollout import feedback
from visualsearch.services.search import search as searching
from visualsearch.services.search.tokens import Query


@dataclass(frozen=True, slots=True)
class Guess:
    """What the photo may show: the label in words, and the shop's category of it, if there is one."""

    name: str
    probability: float
    category: Category | None
    # The results with this category alone, or with all again where it is chosen.
    address: str = ""
    chosen: bool = False


def guesses_of(query: Query, filters: QueryDict, beside: Sequence[tuple[str, str]]) -> list[Guess]:
    slugs = searching.category_slugs(one.label for one in query.predictions)
    categories = Category.objects.in_bulk([slug for slug in slugs.values() if slug], field_name="slug")
    guesses = []
    for one in query.predictions:
        category = categories.get(slugs[one.label] or "")
        data = filters.copy()
        chosen = category is not None and data.getlist("category") == [category.slug]
        data.setlist("category", [] if category is None or chosen else [category.slug])
        data.update(dict(beside))
        address = f"{reverse('visualsearch:search')}?{data.urlencode()}"
        guesses.append(Guess(in_words(one.name), one.probability, category, address, chosen))
    return guesses


def likeliest_in_shop(guesses: Sequence[Guess], panel: Panel) -> Guess | None:
    """Return what the model is sure of seeing, if the shop has articles of that category."""
    first = next(iter(guesses), None)
    if first is None or first.category is None or first.probability < feedback.UNSURE_BELOW:
        return None
    has_some = any(choice.count for choice in panel.categories if choice.value == first.category.slug)
    return first if has_some else None
