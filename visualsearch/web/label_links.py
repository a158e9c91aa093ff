"""Predicted categories of a shopper's photo, as links that filter the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from catalogue.browsing.filter_panel import Panel
from catalogue.browsing.filters import ArticleFilters
from catalogue.models import Category
from visualsearch.inference.types import Prediction
from visualsearch.services.labels import in_words
from visualsearch.services.rollout import feedback


@dataclass(frozen=True, slots=True)
class Guess:
    """A predicted label in words, its probability, and the shop's category mapped to it, if any."""

    name: str
    probability: float
    category: Category | None
    # The URL of the results filtered by this category, or without that filter if it is active.
    address: str = ""
    chosen: bool = False


def guesses_of(
    predictions: Iterable[tuple[Prediction, Category | None]],
    filters: ArticleFilters,
    beside: Sequence[tuple[str, str]],
) -> list[Guess]:
    """Return a photo's predictions with their links, in the given order."""
    guesses = []
    for one, category in predictions:
        chosen = category is not None and filters.categories == (category,)
        narrowed = replace(filters, categories=() if category is None or chosen else (category,))
        pairs = [(name, value) for name, values in narrowed.values().items() for value in values]
        address = f"{reverse('visualsearch:search')}?{urlencode([*pairs, *beside])}"
        guesses.append(Guess(in_words(one.name), one.probability, category, address, chosen))
    return guesses


def likeliest_in_shop(guesses: Sequence[Guess], panel: Panel) -> Guess | None:
    """Return the first guess if the model is sure of it and the shop has articles of its category, else None."""
    first = next(iter(guesses), None)
    if first is None or first.category is None or first.probability < feedback.UNSURE_BELOW:
        return None
    has_some = any(choice.count for choice in panel.categories if choice.value == first.category.slug)
    return first if has_some else None
