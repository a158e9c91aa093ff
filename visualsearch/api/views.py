"""API views of search by photo, and health checks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.authentication import PartnerAuthentication, partner_of
from catalogue.api.conditional import conditional
from catalogue.api.documentation import ANYBODY, FILTER_PARAMETERS, NO_KEY, UNCHANGED, refusals
from catalogue.api.fields import only
from catalogue.api.paging import page_of
from catalogue.api.parameters import ParametersView, names_of
from catalogue.api.parsers import BoundedJSONParser, PhotoFormParser
from catalogue.api.serializers import FacetsSerializer
from catalogue.browsing.facets import count_facets
from catalogue.browsing.filters import parse_filters
from catalogue.models import Article
from catalogue.rate_limits import address_of
from visualsearch.api import examples, requests
from visualsearch.api.rate_limits import PredictThrottle
from visualsearch.api.serializers import (
    MAX_COUNT,
    HealthSerializer,
    MatchSerializer,
    ReadinessSerializer,
    SearchAnswerSerializer,
    SimilarPageSerializer,
)
from visualsearch.inference.types import Box, Prediction
from visualsearch.services.monitoring import health
from visualsearch.services.retrieval.articles import SearchPage
from visualsearch.services.retrieval.options import MAX_OFFSET, SearchOptions
from visualsearch.services.retrieval.searchable import searchable_offer
from visualsearch.services.search import photo_search, quotas
from visualsearch.services.search.photo_search import PhotoSearch
from visualsearch.services.search.visitors import visitor_of

SEARCH_PARAMETERS: list[Any] = [requests.TokenOptions, *FILTER_PARAMETERS]


class PredictView(ParametersView):
    """What is this, and what looks like it?"""

    authentication_classes = (PartnerAuthentication,)
    parser_classes = (PhotoFormParser, BoundedJSONParser)
    throttle_classes = (PredictThrottle,)
    body_parameters: ClassVar = {"POST": names_of(requests.PredictUpload, requests.PredictBody)}

    @extend_schema(
        operation_id="predict",
        summary="Search by photo",
        description="What a photo shows, and the most similar articles. The photo is not stored.",
        tags=["search"],
        auth=ANYBODY,
        parameters=[requests.VISITOR_PARAMETER],
        request={
            "multipart/form-data": requests.PredictUpload,
            "application/json": requests.PredictBody,
        },
        examples=[examples.PREDICT_UPLOAD, examples.PREDICT_BODY, examples.SEARCH_ANSWER],
        responses={200: SearchAnswerSerializer, **refusals(400, 401, 413, 415, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        started = time.perf_counter()
        requests.check_length(request)
        data = requests.read_body(request.data)
        options = requests.read_options(data, requests.PredictOptions)
        filters = parse_filters(data)
        search = requests.search_options(options, filters)
        content, visitor = requests.read_photo_bytes(request, data), visitor_of(request.META)
        with quotas.metered(partner_of(request), address_of(request.META)):
            result = photo_search.search_photo(
                content, search, crop=options.get("crop"), visitor=visitor, started=started
            )
        return Response(answer_to(request, result, options, search, started))


class SearchView(ParametersView):
    """The same photo again, without sending it."""

    authentication_classes = (PartnerAuthentication,)
    query_parameters: ClassVar = {"GET": names_of(*SEARCH_PARAMETERS)}

    @extend_schema(
        operation_id="search",
        summary="Search again by token",
        description="Search again without sending the photo: the next page, other filters, or another garment.",
        tags=["search"],
        auth=ANYBODY,
        parameters=SEARCH_PARAMETERS,
        examples=[examples.SEARCH_ANSWER],
        responses={200: SearchAnswerSerializer, **refusals(400, 401, 410, 503)},
    )
    def get(self, request: Request) -> Response:
        started = time.perf_counter()
        options = requests.read_options(request.query_params, requests.TokenOptions)
        filters = parse_filters(request.query_params)
        search = requests.search_options(options, filters)
        result = photo_search.search_token(options["token"], search)
        return Response(answer_to(request, result, options, search, started))


@conditional
class SimilarView(ParametersView):
    """Which articles look like this one?"""

    authentication_classes = (PartnerAuthentication,)
    query_parameters: ClassVar = {"GET": names_of(requests.SimilarPageOptions)}

    @extend_schema(
        operation_id="similar_articles",
        summary="List similar articles",
        description="Articles similar to this one: those in stock first, then the most similar.",
        tags=["search"],
        auth=ANYBODY,
        parameters=[requests.SimilarPageOptions],
        examples=[examples.SIMILAR_PAGE],
        responses={200: SimilarPageSerializer, 304: UNCHANGED, **refusals(400, 401, 404, 503)},
    )
    def get(self, request: Request, pk: int) -> Response:
        options = requests.read_options(request.query_params, requests.SimilarPageOptions)
        article = get_object_or_404(Article.objects.published(), pk=pk)
        limit, offset = options["limit"], options["offset"]
        page = photo_search.similar_page(article, limit=limit, offset=offset)
        matches = MatchSerializer(page.matches, many=True, context={"request": request}).data
        results = only(matches, options.get("fields"))
        return Response(page_of(request, results, count=page.count, limit=limit, offset=offset))


class HealthView(ParametersView):
    """Whether searches can be answered, and the state of each part."""

    @extend_schema(
        operation_id="health",
        summary="Get the state of the shop",
        tags=["health"],
        auth=NO_KEY,
        examples=[examples.HEALTH, examples.HEALTH_DOWN],
        responses={200: HealthSerializer, 503: HealthSerializer, **refusals()},
    )
    def get(self, request: Request) -> Response:
        state = health.health()
        return Response(state, status=503 if state["status"] == "down" else 200)


class LiveView(ParametersView):
    """Whether the process is running."""

    @extend_schema(
        operation_id="health_live",
        summary="Check that the process is running",
        tags=["health"],
        auth=NO_KEY,
        examples=[examples.READY],
        responses={200: ReadinessSerializer, **refusals()},
    )
    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


class ReadyView(ParametersView):
    """Whether the model is loaded and the index open."""

    @extend_schema(
        operation_id="health_ready",
        summary="Check that searches can be answered",
        tags=["health"],
        auth=NO_KEY,
        examples=[examples.READY, examples.STARTING],
        responses={200: ReadinessSerializer, 503: ReadinessSerializer, **refusals()},
    )
    def get(self, request: Request) -> Response:
        ready = health.is_ready()
        return Response({"status": "ok" if ready else "starting"}, status=200 if ready else 503)


def answer_to(
    request: Request, result: PhotoSearch, options: Mapping[str, Any], search: SearchOptions, started: float
) -> dict[str, Any]:
    """Return the response to a search. Timings are taken last, so that their total includes everything else."""
    query, page = result.query, result.page
    first = query.garments[0]
    before, after = search.offset - search.limit, search.offset + search.limit

    def page_at(offset: int) -> str:
        return requests.address_of_page(request, query.token, options, search, offset)

    matches = MatchSerializer(page.matches, many=True, context={"request": request}).data
    answer: dict[str, Any] = {
        "token": query.token,
        "model": {"name": result.card.name, "version": result.card.version, "fallback": result.fallback},
        "predictions": [predicted(one, result) for one in first.predictions],
        "box": rounded(first.box),
        "garments": [
            predicted(garment.predictions[0], result) | {"box": rounded(garment.box)}
            for garment in query.garments
            if garment.predictions
        ],
        "garment": query.number,
        "match": page.match,
        "count": photo_search.count_searchable(result, search, most=MAX_COUNT),
        "next": page_at(after) if page.more and after <= MAX_OFFSET else None,
        "previous": page_at(max(before, 0)) if search.offset else None,
        "articles": only(matches, options.get("fields")),
        "index": asdict(result.index),
    }
    if search.words.text:
        answer["words"] = said_of_words(search, page)
    if options["facets"]:
        answer["facets"] = FacetsSerializer(count_facets(search.all_filters, searchable_offer(query.version))).data
    if options.get("explain") and query.map is not None:
        answer["map"] = query.rounded_map()
    timings_ms = {**result.timings_ms, "total": (time.perf_counter() - started) * 1000}
    answer["timings_ms"] = {name: round(lap, 1) for name, lap in timings_ms.items()}
    return answer


def predicted(one: Prediction, result: PhotoSearch) -> dict[str, Any]:
    """Return a prediction as the response has it."""
    category = result.categories[one.label]
    return {
        "category": one.label,
        "label": one.name,
        "probability": round(one.probability, 4),
        "catalogue_category": category and category.slug,
    }


def rounded(box: Box) -> list[float]:
    return [round(side, 4) for side in box]


def said_of_words(search: SearchOptions, page: SearchPage) -> dict[str, Any]:
    """Return what became of the words of a search."""
    filters: dict[str, list[str]] = {"colour": [], "category": []}
    for term in search.words.narrowing(search.filters):
        filters[term.filter_name] += [row.slug for row in term.rows if row.slug not in filters[term.filter_name]]
    return {
        "filters": filters,
        "ranked_by": [word for word in search.words.ranking if word not in page.unused],
        "unused": list(page.unused),
        "overridden": [term.text for term in search.words.overridden(search.filters)],
    }
