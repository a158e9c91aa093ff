"""The other colours of a design, for its articles' pages and the API."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from catalogue.models import Article

# More have no style number but a word that stands for none, such as "N/A".
COLOURS_AT_MOST = 60


@dataclass(frozen=True, slots=True)
class ColourChoice:
    """An article as one of the colours of its design. `label` tells it apart from the others."""

    article: Article
    label: str
    shown: bool


def shown_colour_variants(article: Article) -> list[Article]:
    """Return the published articles that are other colours of this one, to be shown in a list, with their colours.

    None if they are more than COLOURS_AT_MOST.
    """
    others = Article.objects.published().colour_variants(article)
    keys = list(others.order_by().values_list("pk", flat=True)[: COLOURS_AT_MOST + 1])
    if not keys or len(keys) > COLOURS_AT_MOST:
        return []
    return list(Article.objects.filter(pk__in=keys).order_by("name", "pk").for_display().prefetch_related("colours"))


def colour_choices(article: Article, others: list[Article]) -> list[ColourChoice]:
    """Return an article and its other colours, in the same order on the page of each; none without others."""
    if not others:
        return []
    every = sorted([article, *others], key=lambda one: (one.name, one.pk))
    labels = {one.pk: ", ".join(colour.title for colour in one.colours.all()) for one in every}
    # The shop's colours are few, so that two blues of a design may be one: the article's name tells more.
    several = {label for label, count in Counter(labels.values()).items() if count > 1}
    return [
        ColourChoice(one, label if label and label not in several else one.title, one == article)
        for one in every
        for label in [labels[one.pk]]
    ]
