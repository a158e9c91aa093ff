"""What pages show of search by photo: articles that look like one, and numbers as percentages."""

from __future__ import annotations

import logging
from typing import Any

from django import template

from catalogue.models import Article
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.services.formats import percent
from visualsearch.services.monitoring import dashboard as dashboards
from visualsearch.services.retrieval.articles import Match
from visualsearch.services.rollout.experiment_stats import Estimate
from visualsearch.services.search import photo_search

logger = logging.getLogger(__name__)
register = template.Library()
register.filter(percent)


@register.simple_tag
def similar_articles(article: Article, limit: int = 8) -> list[Match]:
    """Return the articles that look most like one. None while search is not available: the page goes on selling."""
    try:
        return photo_search.similar_articles(article, limit=limit)
    except SearchUnavailableError as error:
        logger.warning("no similar articles are shown: %s", error)
        return []


@register.inclusion_tag("admin/visualsearch/estimate.html")
def estimate(name: str, estimate: Estimate) -> dict[str, Any]:
    """Show a figure with its interval, in words and as a bar of hundredths."""
    low, value, high = (round(100 * number, 1) for number in (estimate.low, estimate.value, estimate.high))
    return {"name": name, "estimate": estimate, "low": low, "width": max(round(high - low, 1), 0.5), "mark": value}


# The plot of searches by day, in its own units: a bar's place, and the height of the highest.
BAR_STEP, BARS_HEIGHT = 20, 120


@register.inclusion_tag("admin/visualsearch/dashboard_parts.html", takes_context=True)
def dashboard(context: template.Context) -> dict[str, Any]:
    """Show how the shop is doing, with its searches by day as bars; to superusers also what only developers know."""
    numbers = dashboards.dashboard()
    highest = max([day.searches for day in numbers.days] + [1])
    bars = []
    for place, day in enumerate(numbers.days):
        whole, none = (round(BARS_HEIGHT * count / highest, 1) for count in (day.searches, day.none))
        bars.append({"day": day, "x": BAR_STEP * place, "top": BARS_HEIGHT - whole, "whole": whole, "none": none,
                     "none_top": BARS_HEIGHT - none})  # fmt: skip
    return {
        "numbers": numbers,
        "bars": bars,
        "highest": highest,
        "width": BAR_STEP * len(bars),
        "height": BARS_HEIGHT,
        "developer": context["request"].user.is_superuser,
    }
