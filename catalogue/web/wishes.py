"""The wish list and the cards that browsers fill it with. Which products are on it only the browser knows."""

from __future__ import annotations

import re

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalogue.models import Article

MOST_CARDS = 100
# No id has more than 18 digits: databases refuse larger numbers.
_IDS = re.compile(rf"[0-9]{{1,18}}(,[0-9]{{1,18}}){{0,{MOST_CARDS - 1}}}", re.ASCII)


@require_safe
def wish_list(request: HttpRequest) -> HttpResponse:
    return render(request, "catalogue/wish_list.html")


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """Return the cards of published articles as an HTML fragment, in the order of the ids in `ids`.

    Raises BadRequest unless these are 1 to MOST_CARDS numbers, separated by commas.
    """
    asked = request.GET.get("ids", "")
    if not _IDS.fullmatch(asked):
        raise BadRequest
    ids = list(dict.fromkeys(map(int, asked.split(","))))
    found = Article.objects.published().for_display().in_bulk(ids)
    context = {"articles": [found[pk] for pk in ids if pk in found], "gone": len(ids) - len(found)}
    response = render(request, "catalogue/cards.html", context)
    # On a shared computer the browser's cache would tell what was wished for.
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
