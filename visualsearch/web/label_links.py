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
    """What the photo may show, as the shop calls it, its probability, and the shop's category, if any."""

    name: str
    probability: float
    category: Category | None
    # The URL of the results filtered by this category, or without that filter if it is active.
    address: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Guesses:
    """What a photo may show, likeliest first; no guess that would be written as 0 %."""

    each: list[Guess]

    @property
    def first(self) -> Guess | None:
        return next(iter(self.each), None)

    @property
    def chosen(self) -> Guess | None:
        """The guess whose category the results are filtered by."""
        return next((guess for guess in self.each if guess.chosen), None)

    @property
    def unsure(self) -> bool:
        return self.first is None or self.first.probability < feedback.UNSURE_BELOW

    @property
    def named(self) -> list[Guess]:
        """What the page says the photo shows: the chosen one, else the first, and if that is unsure the second too."""
        if self.chosen is not None:
            return [self.chosen]
        return self.each[: 2 if self.unsure else 1]

    @property
    def others(self) -> list[Guess]:
        """The further guesses that can be chosen: those of a category of the shop."""
        return [guess for guess in self.each if guess.category is not None and guess not in self.named]


def guesses_of(
    predictions: Iterable[tuple[Prediction, Category | None]],
    filters: ArticleFilters,
    beside: Sequence[tuple[str, str]],
) -> Guesses:
    """Return a photo's predictions with their links, likeliest first. Labels of one category are one guess."""
    probability_of: dict[str, float] = {}
    category_of: dict[str, Category | None] = {}
    for one, category in predictions:
        name = category.title if category else in_words(one.name)
        probability_of[name] = probability_of.get(name, 0.0) + one.probability
        category_of.setdefault(name, category)
    guesses = []
    for name in sorted(probability_of, key=lambda name: -probability_of[name]):
        category = category_of[name]
        chosen = category is not None and filters.categories == (category,)
        narrowed = replace(filters, categories=() if category is None or chosen else (category,))
        pairs = [(name, value) for name, values in narrowed.values().items() for value in values]
        address = f"{reverse('visualsearch:search')}?{urlencode([*pairs, *beside])}"
        if chosen or round(100 * probability_of[name]):
            guesses.append(Guess(name, probability_of[name], category, address, chosen))
    return Guesses(guesses)


def likeliest_in_shop(guesses: Guesses, panel: Panel) -> Guess | None:
    """Return the first guess if the model is sure of it and a search can show articles of its category, else None."""
    first = guesses.first
    if first is None or first.category is None or guesses.unsure:
        return None
    has_some = any(choice.count for choice in panel.categories if choice.value == first.category.slug)
    return first if has_some else None
