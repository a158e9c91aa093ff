"""The page of search by photo.

The photo is posted to the page itself. Without JavaScript, the response is a redirect to `?token=…`, which shows the
results; static/search/search.js posts with `?fragment=1` and gets the results as an HTML fragment. Either way the photo
is embedded once, searched with once, and never stored.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
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
from visualsearch.services.examples import EXAMPLES, EXAMPLES_FOLDER, example_bytes
from visualsearch.services.retrieval.options import SearchOptions
from visualsearch.services.rollout import feedback
from visualsearch.services.search import links, photo_search, quotas
from visualsearch.services.search.photos import check_length, upload_bytes
from visualsearch.services.search.visitors import visitor_of
from visualsearch.web.forms import FeedbackForm, checked
from visualsearch.web.results import as_query, read_options, read_shown, results_context, results_url, shared_parameters

# The modules that static/search/search.js imports, preloaded so that they are fetched in parallel with it.
MODULES = [
    *(f"js/{name}.js" for name in ("focus", "refill", "sheet")),
    *(f"search/{name}.js" for name in (
        "photo", "problems", "camera", "dropped", "handover", "query", "garments", "editor", "frame", "results",
        "words", "share", "feedback",
    )),
]  # fmt: skip
# What shoppers read of a problem whose own title speaks of requests.
TITLES = {"invalid": _("Please check your search."), "throttled": _("Too many searches at once.")}


# The CSRF check parses the form, which raises RequestDataTooBig if it is too large. So it runs inside the view, in
# `receive`, and the error becomes a page of the shop.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Show the page, search by an uploaded photo, or show the results of a token."""
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
    """Record feedback on the results, and redirect back to them. The script uses the API instead."""
    admission = admit(quotas.feedback_limits(None, address_of(request.META)))
    if not admission.allowed:
        return refuse(request, "throttled", throttled(admission.wait_s), headers=retry_after(admission.wait_s))
    try:
        values = checked(FeedbackForm(request.POST))
        if values["kind"] in feedback.JUDGEMENTS:
            admission = admit(quotas.kept_limits(None, address_of(request.META)), cost=quotas.bytes_kept(None))
            if not admission.allowed:
                return refuse(request, "throttled", throttled(admission.wait_s), headers=retry_after(admission.wait_s))
        feedback.submit(values["token"], values["kind"], category=values["category"], garment=values["garment"] or 1)
    except VitrineError as error:
        return refuse(request, error.code, error.message, errors=errors_of(error))
    return HttpResponseRedirect(f"{results_url(values['token'])}&told=1", status=303)


@require_http_methods(["POST"])
def share(request: HttpRequest) -> HttpResponse:
    """Make a link to a search, and redirect to its results, which show the link. The script uses the API instead."""
    admission = admit(quotas.link_limits(address_of(request.META)))
    if not admission.allowed:
        return refuse(request, "throttled", throttled(admission.wait_s), headers=retry_after(admission.wait_s))
    try:
        options, token = read_options(request.POST), request.POST.get("token", "")
        link = links.keep(token)
    except VitrineError as error:
        return refuse(request, error.code, error.message, errors=errors_of(error))
    return HttpResponseRedirect(f"{results_url(token, options)}&link={link.pk}", status=303)


@require_safe
def show_link(request: HttpRequest, link_id: str) -> HttpResponse:
    """Show the results of the search that a link leads to. Search engines are asked not to list it."""
    try:
        response = show_results(request, links.find(link_id).token, from_link=True)
    except VitrineError as error:
        response = refuse(request, error.code, error.message, errors=errors_of(error))
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def apps(request: HttpRequest) -> HttpResponse:
    """Show developers how to call the API."""
    address = request.build_absolute_uri("/").rstrip("/")
    return render(request, "visualsearch/apps.html", {"address": address, "cors": settings.CORS_ALLOWED_ORIGINS})


@csrf_protect
def receive(request: HttpRequest) -> HttpResponse:
    """Search by the uploaded photo; return the results as a fragment, or redirect to them. Raises VitrineError."""
    admission = admit(quotas.search_limits(None, address_of(request.META)))
    if not admission.allowed:
        return refuse(request, "throttled", throttled(admission.wait_s), headers=retry_after(admission.wait_s))
    started = time.perf_counter()
    check_length(int(request.META.get("CONTENT_LENGTH") or 0))
    # Another photo, or another part of it: its garments are others.
    options = replace(read_options(request.POST), garment=1)
    content, visitor = sent_bytes(request), visitor_of(request.META)
    with quotas.metered(None, address_of(request.META)):
        result = photo_search.search_photo(content, options, visitor=visitor, started=started)
    if "fragment" in request.GET:
        return answer(request, "visualsearch/results.html", results_context(result, options))
    photo_search.hand_over(result, options)
    return HttpResponseRedirect(results_url(result.query.token, options), status=303)


def sent_bytes(request: HttpRequest) -> bytes:
    """Return the bytes of the uploaded photo, or of the chosen example or article's photo."""
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


def show_results(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
    """Show the results of a token, as a page or as an HTML fragment; `more` is for its template."""
    options, left_out = read_shown(request.GET)
    result = photo_search.search_handed_over(token, options)
    context = {**results_context(result, options, left_out), "told": "told" in request.GET, **more}
    if shared := request.GET.get("link"):
        context["link"] = shared_link(request, shared, options)
    if "fragment" in request.GET:
        return answer(request, "visualsearch/results.html", context)
    return show(request, **context)


def shared_link(request: HttpRequest, link_id: str, options: SearchOptions) -> dict[str, Any] | None:
    """Return the address that was made for these results, and until when it is kept; None if there is none."""
    try:
        link = links.find(link_id)
    except VitrineError:
        return None
    path = f"{links.path_of(link)}{as_query(shared_parameters(options))}"
    return {"address": request.build_absolute_uri(path), "expires": link.expires}


def show(
    request: HttpRequest, *, status: int = 200, headers: Mapping[str, str] | None = None, **more: Any
) -> HttpResponse:
    """Return the whole page: the upload form, and below it what the context `more` contains."""
    context = {
        "modules": MODULES,
        "examples": EXAMPLES,
        "examples_folder": EXAMPLES_FOLDER,
        # Filters and words chosen before the photo are posted with it in hidden fields, and validated by the search.
        "carried": [(name, value) for name in (*FILTER_NAMES, "q") for value in request.GET.getlist(name) if value],
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
    """Return an error page or fragment: the problem's status, its title and detail or remedy."""
    kind = PROBLEM_TYPES[code]
    problem = {
        "title": TITLES.get(code, kind.title),
        "detail": " ".join(text for messages in (errors or {}).values() for text in messages)
        or public_text(message)
        or kind.remedy,
    }
    if kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {**retry_after(RETRY_AFTER_S), **(headers or {})}
    if "fragment" in request.GET:
        return answer(
            request, "visualsearch/parts/problem.html", {"problem": problem}, status=kind.status, headers=headers
        )
    return show(request, status=kind.status, headers=headers, problem=problem)


def answer(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    # Every state of the page, errors included, links to the root categories.
    response = render(request, template, {"roots": in_use(category_tree()), **context}, status=status)
    for name, value in (headers or {}).items():
        response[name] = value
    return response
