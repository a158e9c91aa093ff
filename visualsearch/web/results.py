"""The template context of a search's results, and the URL that shows them again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from catalogue.browsing.category_links import links_of_panel
from catalogue.browsing.filter_panel import Chip, Choice, Panel, build_panel, without_term
from catalogue.browsing.filters import NO_FILTERS, ArticleFilters, parse_filters, read_filters
from catalogue.browsing.listing import ORDERING_LABELS, ORDERINGS, RELEVANCE, ListQuery
from catalogue.browsing.offers import Passing
from catalogue.browsing.words import read_words
from visualsearch.services.labels import label_in_words
from visualsearch.services.retrieval.articles import ORDERED_AMONG, SearchPage
from visualsearch.services.retrieval.options import DEFAULTS, SearchOptions
from visualsearch.services.retrieval.searchable import searchable_offer
from visualsearch.services.rollout import feedback
from visualsearch.services.search.photo_search import PhotoSearch
from visualsearch.web.forms import OptionsForm, checked
from visualsearch.web.garment_links import garment_links
from visualsearch.web.label_links import guesses_of, likeliest_in_shop

ARTICLES_A_PAGE = 12
# After a reload, the articles that a shopper scrolled through are shown again, up to this many.
MOST_SHOWN = 96
# The value of `kind` with which no kind is preferred.
ANY_KIND = "any"


def read_shown(sent: QueryDict) -> tuple[SearchOptions, list[str]]:
    """Return the options of a page of results, and the names of filters whose values are not known.

    Those are ignored, as in a list of articles. Raises InvalidRequestError for other options, field by field.
    """
    filters, errors = read_filters(sent)
    return read_options(sent, filters), list(errors)


def read_options(sent: QueryDict, filters: ArticleFilters | None = None) -> SearchOptions:
    """Return the search options in a URL or form. Raises InvalidRequestError, field by field."""
    options = checked(OptionsForm(sent))
    offset, ordering = options["offset"] or 0, sent.get("ordering", "")
    return SearchOptions(
        filters=parse_filters(sent) if filters is None else filters,
        words=read_words(sent),
        limit=ARTICLES_A_PAGE if offset else shown_at_once(sent.get("show", "")),
        offset=offset,
        emphasis=options["emphasis"] or 0.0,
        ordering=ordering if ordering in ORDERINGS[1:] else "",
        kind_first=sent.get("kind") != ANY_KIND,
        garment=options["garment"] or 1,
    )


def shown_at_once(sent: str) -> int:
    """Return the size of the first page: the number scrolled through before, rounded up to whole pages."""
    count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0
    return min(max(-(-count // ARTICLES_A_PAGE), 1) * ARTICLES_A_PAGE, MOST_SHOWN)


def results_context(result: PhotoSearch, options: SearchOptions, left_out: Sequence[str] = ()) -> dict[str, Any]:
    """Return the context of the results' template. `left_out` are the names of filters that were ignored."""
    query = result.query
    beside = beside_filters(query.token, options)
    guesses = guesses_of(result.predictions, options.filters, beside)
    offer = searchable_offer(query.version)
    panel = build_panel(
        ListQuery(filters=options.filters), offer, left_out=left_out, beside=beside, words=options.words
    )
    panel.orderings = [
        # The best match is no order that is asked for: it is what a search by photo does.
        Choice("" if value == RELEVANCE else value, str(label), (options.ordering or RELEVANCE) == value)
        for value, label in ORDERING_LABELS.items()
    ]
    total = int(Passing(options.all_filters, offer).but().sum())
    if options.ordering:
        total = min(total, ORDERED_AMONG)
    return {
        "page": result.page,
        "unseen": unseen(result, options),
        "guesses": guesses,
        "garments": garment_links(result, options, partial(results_url, query.token)),
        "garment": options.garment,
        "likeliest": likeliest_in_shop(guesses, panel),
        "box": query.box,
        # Only in the response to an upload; a token does not contain the map.
        "map": json.dumps(query.rounded_map()) if query.map is not None else "",
        "fallback": result.fallback,
        "token": query.token,
        "offset": options.offset,
        "panel": panel,
        "categories": links_of_panel(panel),
        "hidden": hidden_fields(query.token, options),
        "total": total,
        "shared": shared_parameters(options),
        "words": words_context(options, result.page, panel),
        "emphasis": options.emphasis,
        "labels": [(label, label_in_words(label)) for label in result.card.labels if label != query.label],
        "start_url": results_url(query.token),
        "first_url": results_url(query.token, options),
        "any_kind_url": results_url(query.token, replace(options, kind_first=False, offset=0)),
        "kind_first_url": "" if options.kind_first else results_url(query.token, replace(options, kind_first=True)),
        "next_url": results_url(query.token, options, offset=options.offset + options.limit),
    }


def words_context(options: SearchOptions, page: SearchPage, panel: Panel) -> dict[str, Any]:
    """Return what the page tells of a shopper's words; those that filter are among the panel's chips."""
    words = options.words
    ranking = [term for term in words.ranking_terms if term.text not in page.unused]
    return {
        "text": words.text,
        "ranking": [Chip(term.text, without_term(words, term, panel)) for term in ranking] if page.matches else [],
        "unused": page.unused,
        "overridden": [term.text for term in words.overridden(options.filters)],
    }


def unseen(result: PhotoSearch, options: SearchOptions) -> bool:
    """Whether the photo seems to show no garment at all: near nothing, and of no kind that the model is sure of."""
    predictions = result.query.predictions
    narrowed = options.all_filters != NO_FILTERS or options.words.ranking
    if result.page.match != "none" or narrowed or not predictions:
        return False
    return predictions[0].probability < feedback.UNSURE_BELOW


def results_url(token: str, options: SearchOptions = DEFAULTS, *, offset: int = 0) -> str:
    """Return the URL of a search's results, starting at an offset."""
    page = [("offset", str(offset))] if offset else []
    return f"{reverse('visualsearch:search')}{as_query([('token', token), *shared_parameters(options), *page])}"


def shared_parameters(options: SearchOptions) -> list[tuple[str, str]]:
    """Return the URL parameters that a link to the results has: all but the token and the page."""
    filters = [(name, value) for name, values in options.filters.values().items() for value in values]
    return [*filters, *beside_filters("", options)[1:]]


def hidden_fields(token: str, options: SearchOptions) -> list[tuple[str, str]]:
    """Return the parameters that the form of filters sends without showing them."""
    shown = ("q", "emphasis", "ordering")
    return [(name, value) for name, value in beside_filters(token, options) if name not in shown]


def as_query(parameters: Iterable[tuple[str, str]]) -> str:
    """Return URL parameters as a query string; empty without any."""
    text = urlencode(list(parameters))
    return f"?{text}" if text else ""


def beside_filters(token: str, options: SearchOptions) -> list[tuple[str, str]]:
    """Return the URL parameters other than filters."""
    beside = [("token", token)]
    if options.words.text:
        beside.append(("q", options.words.text))
    if options.emphasis:
        beside.append(("emphasis", f"{options.emphasis:g}"))
    if options.ordering:
        beside.append(("ordering", options.ordering))
    if not options.kind_first:
        beside.append(("kind", ANY_KIND))
    if options.garment > 1:
        beside.append(("garment", str(options.garment)))
    return beside
