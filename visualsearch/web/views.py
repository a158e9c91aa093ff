"""The page of search by photo.

It works without JavaScript: a form sends the photo, and the answer is a redirect to `?token=…`. With JavaScript
(static/search/search.js) the photo goes to the API, and `?token=…&fragment=1` brings the same results into the page.
Either way the photo is kept nowhere.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from django.contrib.staticfiles import finders
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from catalogue.api.exception_handler import PROBLEM_TYPES, RETRY_AFTER_S, by_field, errors_of, retry_after, throttled
from catalogue.browsing.filter_panel import build_panel
from catalogue.browsing.filters import FILTER_NAMES
from catalogue.browsing.listing import ORDERING_LABELS, ORDERINGS
from catalogue.browsing.tree import category_tree, in_use
from catalogue.exceptions import InvalidRequestError, VitrineError
from catalogue.messages import Message
from catalogue.messages.rendering import public_text
from catalogue.models import Article, Photo
from visualsearch.api import requests
from visualsearch.api.feedback import FeedbackBody, FeedbackThrottle
from visualsearch.api.rate_limits import PredictThrottle
from visualsearch.api.views import record_search
from visualsearch.api.visitors import visitor_of
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.services.labels import in_words
from visualsearch.services.rollout import feedback, lifecycle, versions
from visualsearch.services.search import search as searching
from visualsearch.services.search.tokens import read_token
from visualsearch.web.label_links import guesses_of, likeliest_in_shop

ARTICLES_A_PAGE = 12
# What a shopper scrolled through is shown again after a reload, up to so many.
MOST_SHOWN = 96
# What an address holds beside the filters, unless it says nothing.
BESIDE, USUAL = ("token", "emphasis", "ordering"), {"", "0"}
# What static/search/search.js imports, to be fetched beside it and not after it.
MODULES = [
    "js/focus.js",
    *(f"search/{name}.js" for name in (
        "photo", "problems", "camera", "dropped", "query", "frame", "results", "feedback"
    )),
]  # fmt: skip
EXAMPLES_FOLDER = "search/examples/"
# Photos to try the search with: files of EXAMPLES_FOLDER among the static ones.
EXAMPLES = {
    "dress": _("A dress on a hanger"),
    "shirt": _("A checked shirt on the floor"),
    "shoes": _("A pair of shoes on the floor"),
    "t-shirt": _("A T-shirt on a bed"),
}


# A request that is too large is refused while its form is read, and the first to read it is the check of the form's
# CSRF token. So that check is within, where the refusal is still a page of the shop.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Show the page, take a photo, or show what looks like it."""
    try:
        if request.method == "POST":
            return receive(request)
        if request.GET.get("token"):
            return show_results(request, request.GET["token"])
        return show(request)
    except RequestDataTooBig as error:
        return refuse(request, "image_too_large", getattr(error, "message", None))
    except ValidationError as error:
        return refuse(request, "invalid", errors=by_field(error.detail))
    except VitrineError as error:
        return refuse(request, error.code, error.message, errors=errors_of(error))


@require_http_methods(["POST"])
def give_feedback(request: HttpRequest) -> HttpResponse:
    """Note what a shopper says of the results, and show them again. The script does the same through the API."""
    try:
        throttle = FeedbackThrottle()
        if not throttle.allow_request(cast(Request, request), cast(Any, None)):
            return refuse(request, "throttled", throttled(throttle.wait()), headers=retry_after(throttle.wait()))
        said = FeedbackBody(data={name: value for name, value in request.POST.items() if value})
        said.is_valid(raise_exception=True)
        told = said.validated_data
        feedback.submit(told["token"], told["kind"], category=told.get("category", ""))
    except ValidationError as error:
        return refuse(request, "invalid", errors=by_field(error.detail))
    except VitrineError as error:
        return refuse(request, error.code, error.message, errors=errors_of(error))
    return HttpResponseRedirect(f"{results_url(told['token'], QueryDict())}&told=1", status=303)


@require_safe
def apps(request: HttpRequest) -> HttpResponse:
    """Show how an app makes its first search here."""
    return render(request, "visualsearch/apps.html", {"address": request.build_absolute_uri("/").rstrip("/")})


@csrf_protect
def receive(request: HttpRequest) -> HttpResponse:
    """Look at the photo that the form sent, and lead to its results. Raises what reading and looking raise."""
    api_request = cast(Request, request)
    throttle = PredictThrottle()
    if not throttle.allow_request(api_request, cast(Any, None)):
        return refuse(request, "throttled", throttled(throttle.wait()), headers=retry_after(throttle.wait()))
    started = time.perf_counter()
    requests.check_length(api_request)
    photo = requests.read_photo(sent_bytes(request), None)
    asked = lifecycle.assign_version(visitor_of(request))
    query, filters = searching.look_at(photo, asked.version), chosen_filters(request.POST)
    try:
        # What the page that follows shows is found there; here it is counted how near it is.
        nearest = searching.find_articles(query, chosen=filters)
        timings_ms = {"total": (time.perf_counter() - started) * 1000}
        record_search(query, asked.shadow, photo, filters, nearest, timings_ms)
    except VitrineError:
        # The page that follows says why.
        pass
    return HttpResponseRedirect(results_url(query.token, filters), status=303)


def sent_bytes(request: HttpRequest) -> bytes:
    """Return the bytes of the photo sent, or of the example or the article's photo chosen instead."""
    example = request.POST.get("example", "")
    if example in EXAMPLES:
        path = finders.find(f"{EXAMPLES_FOLDER}{example}.webp")
        if path:
            return Path(path).read_bytes()
    number = request.POST.get("photo", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        return bytes_of(number)
    photo = request.FILES.get("image")
    if photo is None:
        raise InvalidRequestError({"image": [Message.of("request.choose_a_photo")]})
    return requests.read_photo_bytes({"image": photo})


def bytes_of(number: str) -> bytes:
    """Return the bytes of an article's photo. Raises InvalidRequestError if no published article has it any more."""
    photo = Photo.objects.of_published_articles().filter(pk=number).first()
    try:
        if photo is not None:
            with photo.file.open("rb") as file:
                return bytes(file.read())
    except FileNotFoundError:
        pass
    raise InvalidRequestError({"photo": [Message.of("request.photo_gone")]})


def show(
    request: HttpRequest, *, status: int = 200, headers: Mapping[str, str] | None = None, **more: Any
) -> HttpResponse:
    """Show the whole page: what asks for a photo, and below it what `more` has to show."""
    context = {
        "modules": MODULES,
        "examples": EXAMPLES,
        "examples_folder": EXAMPLES_FOLDER,
        "carried": [(name, value) for name, values in chosen_filters(request.GET).lists() for value in values],
        **more,
    }
    return answer(request, "visualsearch/search.html", context, status=status, headers=headers)


def show_results(request: HttpRequest, token: str) -> HttpResponse:
    """Show what looks like a query, as a page or as the part of it that changes."""
    filters = chosen_filters(request.GET)
    options = requests.read_options(
        {name: request.GET.get(name, "") for name in ("token", "offset", "emphasis")}, requests.TokenOptions
    )
    query, offset = read_token(token), options["offset"]
    ordering = request.GET.get("ordering", "")
    ordering = ordering if ordering in ORDERINGS else ""
    limit = ARTICLES_A_PAGE if offset else shown_at_once(request.GET.get("show", ""))
    found = searching.find_articles(
        query, chosen=filters, limit=limit, offset=offset, emphasis=options["emphasis"], ordering=ordering
    )
    model = versions.get_model(query.version)
    beside = [(name, request.GET[name]) for name in BESIDE if request.GET.get(name, "") not in USUAL]
    guesses = guesses_of(query, filters, beside)
    panel = build_panel(filters, Article.objects.published(), beside=beside)
    context = {
        "found": found,
        "guesses": guesses,
        "likeliest": likeliest_in_shop(guesses, panel),
        "box": query.box,
        "fallback": model.fallback,
        "token": token,
        "offset": offset,
        "panel": panel,
        "emphasis": options["emphasis"],
        "orderings": {"": _("Most alike first"), **ORDERING_LABELS},
        "ordering": ordering,
        "told": "told" in request.GET,
        "labels": [(label, in_words(label.capitalize())) for label in model.card.labels if label != query.label],
        "start_url": results_url(token, QueryDict()),
        "first_url": page_url(request.GET, 0),
        "next_url": page_url(request.GET, offset + limit),
    }
    if "fragment" in request.GET:
        return answer(request, "visualsearch/results.html", context)
    return show(request, **context)


def shown_at_once(sent: str) -> int:
    """Return how many articles the first page shows: those that were scrolled through, in whole pages."""
    count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0
    return min(max(-(-count // ARTICLES_A_PAGE), 1) * ARTICLES_A_PAGE, MOST_SHOWN)


def refuse(
    request: HttpRequest,
    code: str,
    message: Message | None = None,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Answer with a problem's status, in words, and with what the shopper can do instead."""
    kind = PROBLEM_TYPES[code]
    problem = {
        "title": kind.title,
        "detail": " ".join(text for messages in (errors or {}).values() for text in messages)
        or public_text(message)
        or kind.remedy,
    }
    if code == SearchUnavailableError.code:
        headers = {**retry_after(RETRY_AFTER_S), **(headers or {})}
    if "fragment" in request.GET:
        return answer(request, "visualsearch/problem.html", {"problem": problem}, status=kind.status, headers=headers)
    return show(request, status=kind.status, headers=headers, problem=problem)


def answer(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    # Every state of the page may have to lead elsewhere.
    response = render(request, template, {"roots": in_use(category_tree()), **context}, status=status)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def chosen_filters(sent: QueryDict) -> QueryDict:
    """Return the filters in a form's data, without those left empty."""
    kept = QueryDict(mutable=True)
    for name in FILTER_NAMES:
        values = [value for value in sent.getlist(name) if value]
        if values:
            kept.setlist(name, values)
    return kept


def results_url(token: str, filters: QueryDict) -> str:
    data = filters.copy()
    data["token"] = token
    return f"{reverse('visualsearch:search')}?{data.urlencode()}"


def page_url(data: QueryDict, offset: int) -> str:
    changed = data.copy()
    changed.pop("fragment", None)
    changed.pop("offset", None)
    changed.pop("show", None)
    if offset:
        changed["offset"] = str(offset)
    return f"{reverse('visualsearch:search')}?{changed.urlencode()}"
