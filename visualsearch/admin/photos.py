"""Admin views of a photo that staff choose: its category and near duplicates, and a search for articles by photo."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_protect

from catalogue.exceptions import InvalidRequestError, VitrineError
from catalogue.messages import Message
from catalogue.messages.rendering import public_text, render
from catalogue.models import Article
from catalogue.problems import PROBLEM_TYPES, errors_of, too_large
from visualsearch.services import duplicates
from visualsearch.services.formats import percent
from visualsearch.services.retrieval.articles import Match, categories_of
from visualsearch.services.retrieval.tokens import Query
from visualsearch.services.search import photo_search
from visualsearch.services.search.photos import check_length, upload_bytes

# The least probability at which a category is suggested.
SUGGESTED_FROM = 0.5
FOUND = 24


def look_view(model_admin: ModelAdmin[Article], request: HttpRequest) -> JsonResponse:
    """Return, as JSON, the suggested category of a photo being added, and articles with a near-duplicate photo."""
    if not (model_admin.has_add_permission(request) or model_admin.has_change_permission(request)):
        raise PermissionDenied
    try:
        query = describe_upload(request)
        own = request.POST.get("article", "")
        alike = duplicates.look_like(
            query, except_for=int(own) if own.isascii() and own.isdigit() and len(own) < 19 else None
        )
    except VitrineError as error:
        kind = PROBLEM_TYPES[error.code]
        return JsonResponse({"title": str(kind.title), "detail": said_why(error)}, status=kind.status)
    return JsonResponse({"category": suggested(query), "alike": [said(match) for match in alike]})


def by_photo_view(model_admin: ModelAdmin[Article], request: HttpRequest) -> HttpResponse:
    """Show the upload form, and the articles, published or not, that are similar to a photo."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    problem, matches = "", None
    try:
        if request.method == "POST":
            return receive(request)
        if request.GET.get("token"):
            matches = photo_search.search_hidden_too(request.GET["token"], limit=FOUND)
    except RequestDataTooBig as error:
        problem = render(too_large(error))
    except VitrineError as error:
        problem = f"{PROBLEM_TYPES[error.code].title} {said_why(error)}"
    context = {
        **model_admin.admin_site.each_context(request),
        "title": gettext("Find articles by photo"),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "problem": problem,
        "matches": matches,
        "keys": ",".join(str(match.article.pk) for match in matches or ()),
    }
    return TemplateResponse(request, "admin/visualsearch/by_photo.html", context, status=400 if problem else 200)


# The CSRF check parses the form, which raises RequestDataTooBig if it is too large. So it runs here, inside
# by_photo_view, which responds with a page.
@csrf_protect
def receive(request: HttpRequest) -> HttpResponse:
    query = describe_upload(request)
    address = reverse("admin:catalogue_article_by_photo", query={"token": query.token})
    return HttpResponseRedirect(address, status=303)


def describe_upload(request: HttpRequest) -> Query:
    """Return the query of the uploaded photo. Raises VitrineError: without a photo, InvalidRequestError."""
    check_length(int(request.META.get("CONTENT_LENGTH") or 0))
    photo = request.FILES.get("image")
    if photo is None:
        raise InvalidRequestError({"image": [Message.of("request.choose_a_photo")]})
    return photo_search.describe_photo(upload_bytes(photo))


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
    text = gettext("Looks like %(article)s (%(share)s alike)")
    return {
        "said": text % {"article": article.sku, "share": percent(match.likeness)},
        "name": article.title,
        "address": reverse("admin:catalogue_article_change", args=[article.pk]),
    }


def said_why(error: VitrineError) -> str:
    if errors := errors_of(error):
        return " ".join(text for texts in errors.values() for text in texts)
    return public_text(error.message) or str(PROBLEM_TYPES[error.code].remedy)
