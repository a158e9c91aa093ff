"""The page of search by photo.

A photo is sent to the page itself. Its form, which works without JavaScript, is answered with a redirect to `?token=…`,
where the results wait; static/search/search.js sends it with `?fragment=1` and is answered with the results themselves.
Either way the photo is described once, searched for once and kept nowhere.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from catalogue.browsing.filters import FILTER_NAMES
from catalogue.browsing.tree import category_tree, in_use
from catalogue.exceptions import InvalidRequestError, VitrineError
from catalogue.messages import Message
from catalogue.messages.rendering import public_text
from catalogue.models import Photo
from catalogue.problems import PROBLEM_TYPES, RETRY_AFTER_S, errors_of, retry_after, throttled, too_large
from catalogue.rate_limits import address_of, admit
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.services.examples import EXAMPLES, EXAMPLES_FOLDER, example_bytes
from visualsearch.services.rollout import feedback
from visualsearch.services.search import photo_search, quotas
from visualsearch.services.search.photos import check_length, upload_bytes
from visualsearch.services.search.visitors import visitor_of
from visualsearch.web.forms import FeedbackForm, checked
from visualsearch.web.results import read_options, results_context, results_url

# What static/search/search.js imports, to be fetched beside it and not after it.
MODULES = [
    "js/focus.js",
    *(f"search/{name}.js" for name in (
        "photo", "problems", "camera", "dropped", "query", "frame", "results", "feedback"
    )),
]  # fmt: skip


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
        return refuse(request, "image_too_large", too_large(error))
    except VitrineError as error:
        return refuse(request, error.code, error.message, errors=errors_of(error))


@require_http_methods(["POST"])
def give_feedback(request: HttpRequest) -> HttpResponse:
    """Note what a shopper says of the results, and show them again. The script does the same through the API."""
    admission = admit(quotas.feedback_limits(address_of(request.META)))
    if not admission.allowed:
        return refuse(request, "throttled", throttled(admission.wait_s), headers=retry_after(admission.wait_s))
    try:
        values = checked(FeedbackForm(request.POST))
        feedback.submit(values["token"], values["kind"], category=values["category"])
    except VitrineError as error:
        return refuse(request, error.code, error.message, errors=errors_of(error))
    return HttpResponseRedirect(f"{results_url(values['token'])}&told=1", status=303)


@require_safe
def apps(request: HttpRequest) -> HttpResponse:
    """Show how an app makes its first search here."""
    return render(request, "visualsearch/apps.html", {"address": request.build_absolute_uri("/").rstrip("/")})


@csrf_protect
def receive(request: HttpRequest) -> HttpResponse:
    """Search with the photo that was sent; answer with the results, or lead to them. Raises what searching raises."""
    admission = admit(quotas.search_limits(None, address_of(request.META)))
    if not admission.allowed:
        return refuse(request, "throttled", throttled(admission.wait_s), headers=retry_after(admission.wait_s))
    started = time.perf_counter()
    check_length(int(request.META.get("CONTENT_LENGTH") or 0))
    options = read_options(request.POST)
    result = photo_search.search_photo(sent_bytes(request), options, visitor=visitor_of(request.META), started=started)
    if "fragment" in request.GET:
        return answer(request, "visualsearch/results.html", results_context(result, options))
    photo_search.hand_over(result, options)
    return HttpResponseRedirect(results_url(result.query.token, options), status=303)


def sent_bytes(request: HttpRequest) -> bytes:
    """Return the bytes of the photo sent, or of the example or the article's photo chosen instead."""
    example = example_bytes(request.POST.get("example", ""))
    if example is not None:
        return example
    number = request.POST.get("photo", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        return bytes_of(number)
    photo = request.FILES.get("image")
    if photo is None:
        raise InvalidRequestError({"image": [Message.of("request.choose_a_photo")]})
    return upload_bytes(photo)


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


def show_results(request: HttpRequest, token: str) -> HttpResponse:
    """Show what looks like a query, as a page or as the part of it that changes."""
    options = read_options(request.GET)
    result = photo_search.search_token(token, options)
    context = {**results_context(result, options), "told": "told" in request.GET}
    if "fragment" in request.GET:
        return answer(request, "visualsearch/results.html", context)
    return show(request, **context)


def show(
    request: HttpRequest, *, status: int = 200, headers: Mapping[str, str] | None = None, **more: Any
) -> HttpResponse:
    """Show the whole page: what asks for a photo, and below it what `more` has to show."""
    context = {
        "modules": MODULES,
        "examples": EXAMPLES,
        "examples_folder": EXAMPLES_FOLDER,
        # Filters chosen before the photo go along with it, as they are; whoever searches reads them.
        "carried": [(name, value) for name in FILTER_NAMES for value in request.GET.getlist(name) if value],
        **more,
    }
    return answer(request, "visualsearch/search.html", context, status=status, headers=headers)


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
