"""API views of search by photo, and health checks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.api.authentication import PartnerAuthentication
from catalogue.api.conditional import conditional
from catalogue.api.documentation import ANYBODY, ARTICLE_EXAMPLE, FILTER_PARAMETERS, UNCHANGED, refusals
from catalogue.api.fields import only
from catalogue.api.parsers import BoundedJSONParser
from catalogue.api.serializers import FacetsSerializer
from catalogue.browsing.facets import count_facets
from catalogue.browsing.filters import parse_filters
from catalogue.models import Article
from visualsearch.api import requests
from visualsearch.api.rate_limits import PredictThrottle
from visualsearch.api.serializers import (
    HealthSerializer,
    MatchSerializer,
    ReadinessSerializer,
    SearchAnswerSerializer,
)
from visualsearch.inference.types import Box, Prediction
from visualsearch.services.monitoring import health
from visualsearch.services.retrieval.articles import SearchPage
from visualsearch.services.retrieval.options import SearchOptions
from visualsearch.services.retrieval.searchable import searchable_articles
from visualsearch.services.search import photo_search
from visualsearch.services.search.photo_search import PhotoSearch
from visualsearch.services.search.visitors import visitor_of

PREDICT_EXAMPLE = OpenApiExample(
    "A photo at an address",
    value={"url": "https://example.com/photo.jpg", "limit": 5, "category": ["dress"], "price_max": "50.00"},
    request_only=True,
    media_type="application/json",
)
ANSWER_EXAMPLE = OpenApiExample(
    "A dress that is there",
    value={
        "token": "eyJ2IjoxLC…",
        "model": {"name": "mobilenetv2-clothing-int8", "version": "2", "fallback": False},
        "predictions": [
            {"category": "dress", "label": "Dress", "probability": 0.93, "catalogue_category": "dresses"},
        ],
        "box": [0.18, 0.09, 0.64, 0.86],
        "garments": [
            {
                "category": "dress",
                "label": "Dress",
                "probability": 0.93,
                "catalogue_category": "dresses",
                "box": [0.18, 0.09, 0.64, 0.86],
            },
        ],
        "garment": 1,
        "match": "close",
        "articles": [{**ARTICLE_EXAMPLE, "similarity": 0.87}],
        "index": {"vectors": 4407, "sequence": 4931, "pending": 0},
        "timings_ms": {
            "receive": 0.4,
            "decode": 3.1,
            "inference": 6.2,
            "search": 0.8,
            "articles": 1.9,
            "total": 12.6,
        },
    },
    response_only=True,
    status_codes=["200"],
)


class PredictView(APIView):
    """What is this, and what looks like it?"""

    authentication_classes = (PartnerAuthentication,)
    parser_classes = (MultiPartParser, BoundedJSONParser)
    throttle_classes = (PredictThrottle,)

    @extend_schema(
        operation_id="predict",
        auth=ANYBODY,
        parameters=[requests.VISITOR_PARAMETER],
        request={
            "multipart/form-data": requests.PredictUpload,
            "application/json": requests.PredictBody,
        },
        examples=[PREDICT_EXAMPLE, ANSWER_EXAMPLE],
        responses={200: SearchAnswerSerializer, **refusals(400, 401, 413, 415, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        started = time.perf_counter()
        requests.check_length(request)
        data = requests.read_body(request.data)
        options = requests.read_options(data, requests.PredictOptions)
        filters = parse_filters(data)
        search = requests.search_options(options, filters)
        result = photo_search.search_photo(
            requests.read_photo_bytes(data),
            search,
            crop=options.get("crop"),
            visitor=visitor_of(request.META),
            started=started,
        )
        return Response(answer_to(result, options, search, started))


class SearchView(APIView):
    """The same photo again, without sending it."""

    authentication_classes = (PartnerAuthentication,)

    @extend_schema(
        operation_id="search",
        auth=ANYBODY,
        parameters=[requests.TokenOptions, *FILTER_PARAMETERS],
        examples=[ANSWER_EXAMPLE],
        responses={200: SearchAnswerSerializer, **refusals(400, 401, 410, 503)},
    )
    def get(self, request: Request) -> Response:
        started = time.perf_counter()
        options = requests.read_options(request.query_params, requests.TokenOptions)
        filters = parse_filters(request.query_params)
        search = requests.search_options(options, filters)
        result = photo_search.search_token(options["token"], search)
        return Response(answer_to(result, options, search, started))


@conditional
class SimilarView(APIView):
    """Which articles look like this one?"""

    authentication_classes = (PartnerAuthentication,)

    @extend_schema(
        operation_id="similar_articles",
        auth=ANYBODY,
        parameters=[requests.SimilarOptions],
        responses={200: MatchSerializer(many=True), 304: UNCHANGED, **refusals(400, 401, 404, 503)},
    )
    def get(self, request: Request, pk: int) -> Response:
        options = requests.read_options(request.query_params, requests.SimilarOptions)
        article = get_object_or_404(Article.objects.published(), pk=pk)
        matches = photo_search.similar_articles(article, limit=options["limit"])
        return Response(only(MatchSerializer(matches, many=True).data, options.get("fields")))


class HealthView(APIView):
    """Can a search be answered?"""

    @extend_schema(operation_id="health", responses={200: HealthSerializer, 503: HealthSerializer})
    def get(self, request: Request) -> Response:
        state = health.health()
        return Response(state, status=503 if state["status"] == "down" else 200)


class LiveView(APIView):
    """Does the process run?"""

    @extend_schema(operation_id="health_live", responses=ReadinessSerializer)
    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


class ReadyView(APIView):
    """Is the model warm and the index open?"""

    @extend_schema(operation_id="health_ready", responses={200: ReadinessSerializer, 503: ReadinessSerializer})
    def get(self, request: Request) -> Response:
        ready = health.is_ready()
        return Response({"status": "ok" if ready else "starting"}, status=200 if ready else 503)


def answer_to(result: PhotoSearch, options: Mapping[str, Any], search: SearchOptions, started: float) -> dict[str, Any]:
    """Return the response to a search. Timings are taken last, so that their total includes everything else."""
    query, page = result.query, result.page
    first = query.garments[0]
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
        "articles": only(MatchSerializer(page.matches, many=True).data, options.get("fields")),
        "index": asdict(result.index),
    }
    if search.words.text:
        answer["words"] = said_of_words(search, page)
    if options["facets"]:
        answer["facets"] = FacetsSerializer(count_facets(search.all_filters, searchable_articles(query.version))).data
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
