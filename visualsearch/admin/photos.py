"""Admin views of a photo that staff choose: its category and near duplicates, and a search for articles by photo."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_protect
from PIL.Image import Image

from catalogue.exceptions import InvalidRequestError, VitrineError
from catalogue.imaging import render as smaller
from catalogue.messages import Message
from catalogue.messages.rendering import public_text, render
from catalogue.models import Article
from catalogue.problems import PROBLEM_TYPES, errors_of, too_large
from visualsearch.services import duplicates
from visualsearch.services.formats import percent
from visualsearch.services.labels import label_in_words
from visualsearch.services.retrieval.articles import Match
from visualsearch.services.retrieval.label_categories import categories_of
from visualsearch.services.retrieval.tokens import Query, read_token
from visualsearch.services.search import photo_search
from visualsearch.services.search.photos import check_length, upload_bytes

# The least probability at which a category is suggested.
SUGGESTED_FROM = 0.5
FOUND, FOUND_OF_EACH = 24, 12
# Of the searched photo beside its results.
PREVIEW_WIDTH = 360


def look_view(model_admin: ModelAdmin[Article], request: HttpRequest) -> JsonResponse:
    """Return, as JSON, the suggested category of a photo being added, and articles with a near-duplicate photo."""
    if not (model_admin.has_add_permission(request) or model_admin.has_change_permission(request)):
        raise PermissionDenied
    try:
        query, _photo = describe_upload(request)
        own = request.POST.get("article", "")
        alike = duplicates.look_like(
            query, except_for=int(own) if own.isascii() and own.isdigit() and len(own) < 19 else None
        )
    except VitrineError as error:
        kind = PROBLEM_TYPES[error.code]
        return JsonResponse({"title": str(kind.title), "detail": said_why(error)}, status=kind.status)
    return JsonResponse({"category": suggested(query), "alike": [said(match) for match in alike]})


def by_photo_view(model_admin: ModelAdmin[Article], request: HttpRequest) -> HttpResponse:
    """Show the upload form, and the articles, published or not, that are similar to each garment of a photo.

    The photo is in the answer alone, as a data URL: it is kept nowhere.
    """
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    problem, query, preview = "", None, ""
    results: list[Result] = []
    try:
        if request.method == "POST":
            query, preview = receive(request)
        elif request.GET.get("token"):
            query = read_token(request.GET["token"])
        results = results_of(query) if query else []
    except RequestDataTooBig as error:
        problem = render(too_large(error))
    except VitrineError as error:
        problem = f"{PROBLEM_TYPES[error.code].title} {said_why(error)}"
    context = {
        **model_admin.admin_site.each_context(request),
        "title": gettext("Find products by photo"),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "problem": problem,
        "searched": query is not None and not problem,
        "preview": preview,
        "results": results,
        # The page in the other language has the results still, without the photo.
        "this_page": reverse("admin:catalogue_article_by_photo", query={"token": query.token}) if query else "",
    }
    answer = TemplateResponse(request, "admin/visualsearch/by_photo.html", context, status=400 if problem else 200)
    if preview:
        answer["Cache-Control"] = "private, no-store"
    return answer


# The CSRF check parses the form, which raises RequestDataTooBig if it is too large. So it runs here, inside
# by_photo_view, which responds with a page.
def receive(request: HttpRequest) -> tuple[Query, str]:
    """Return the query of the uploaded photo, and a small picture of it as a data URL. Raises VitrineError."""
    received: list[tuple[Query, Image]] = []

    @csrf_protect
    def read(request: HttpRequest) -> HttpResponse:
        received.append(describe_upload(request))
        return HttpResponse()

    if read(request).status_code != 200:
        raise PermissionDenied
    query, photo = received[0]
    return query, "data:image/webp;base64," + b64encode(smaller(photo, PREVIEW_WIDTH)).decode()


@dataclass(frozen=True)
class Result:
    """What looks like one garment of a photo. `box` is where it is, in hundredths; `keys` are the articles' ids."""

    number: int
    name: str
    box: tuple[float, ...]
    matches: list[Match]

    @property
    def keys(self) -> str:
        return ",".join(str(match.article.pk) for match in self.matches)


def results_of(query: Query) -> list[Result]:
    """Return what looks like each garment of a photo; fewer of each where there are several."""
    several = len(query.garments) > 1
    found = []
    for number in range(1, len(query.garments) + 1):
        one = query.for_garment(number)
        limit = FOUND_OF_EACH if several else FOUND
        matches = photo_search.search_hidden_too(query.token, limit=limit, garment=number)
        name = label_in_words(one.label) if one.label else ""
        found.append(Result(number, name, tuple(round(100 * edge, 1) for edge in one.box), matches))
    return found


def describe_upload(request: HttpRequest) -> tuple[Query, Image]:
    """Return the query of the uploaded photo, and the photo. Raises VitrineError: without one, InvalidRequestError."""
    check_length(int(request.META.get("CONTENT_LENGTH") or 0))
    photo = request.FILES.get("image")
    if photo is None:
        raise InvalidRequestError({"image": [Message.of("request.choose_a_photo")]})
    return photo_search.see_photo(upload_bytes(photo))


def suggested(query: Query) -> dict[str, Any] | None:
    """Return the suggested category of a photo; None if the model is unsure, or its label is not mapped."""
    if not query.predictions or query.predictions[0].probability < SUGGESTED_FROM:
        return None
    best = query.predictions[0]
    category = categories_of([best.label])[best.label]
    if category is None:
        return None
    said = gettext("Suggested by the photo: %(category)s (%(share)s)")
    return {
        "value": category.pk,
        "text": str(category),
        "said": said % {"category": category, "share": percent(best.probability)},
    }


def said(match: Match) -> dict[str, str]:
    article = match.article
    text = gettext("Looks like %(article)s (%(share)s match)")
    return {
        "said": text % {"article": article.sku, "share": percent(match.likeness)},
        "name": article.title,
        "address": reverse("admin:catalogue_article_change", args=[article.pk]),
    }


def said_why(error: VitrineError) -> str:
    if errors := errors_of(error):
        return " ".join(text for texts in errors.values() for text in texts)
    return public_text(error.message) or str(PROBLEM_TYPES[error.code].remedy)
