"""The API of search by photo."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from PIL.Image import Image
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
from catalogue.browsing.facets import Facets, count_facets
from catalogue.browsing.filters import Chosen
from catalogue.models import Article
from visualsearch.api import requests
from visualsearch.api.rate_limits import PredictThrottle
from visualsearch.api.serializers import (
    HealthSerializer,
    MatchSerializer,
    ReadinessSerializer,
    SearchAnswerSerializer,
)
from visualsearch.api.visitors import VISITOR_PARAMETER, visitor_of
from visualsearch.models import ModelVersion
from visualsearch.services.monitoring import health, search_stats, status
from visualsearch.services.rollout import feedback, lifecycle, versions
from visualsearch.services.rollout import shadow as comparing
from visualsearch.services.search import search
from visualsearch.services.search.tokens import Query, read_token

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


class Stopwatch:
    """Milliseconds from one lap to the next."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = (now - self._last) * 1000
        self._last = now

    def result(self) -> dict[str, float]:
        """Return the laps and their total, since the start."""
        total = (time.perf_counter() - self._started) * 1000
        return {name: round(lap, 1) for name, lap in (self.laps | {"total": total}).items()}


class PredictView(APIView):
    """What is this, and what looks like it?"""

    authentication_classes = (PartnerAuthentication,)
    parser_classes = (MultiPartParser, BoundedJSONParser)
    throttle_classes = (PredictThrottle,)

    @extend_schema(
        operation_id="predict",
        auth=ANYBODY,
        parameters=[VISITOR_PARAMETER],
        request={
            "multipart/form-data": requests.PredictUpload,
            "application/json": requests.PredictBody,
        },
        examples=[PREDICT_EXAMPLE, ANSWER_EXAMPLE],
        responses={200: SearchAnswerSerializer, **refusals(400, 401, 413, 415, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        watch = Stopwatch()
        requests.check_length(request)
        data = requests.read_body(request.data)
        options = requests.read_options(data, requests.PredictOptions)
        chosen = requests.read_filters(data)
        watch.lap("receive")
        photo = requests.read_photo(requests.read_photo_bytes(data), options.get("crop"))
        watch.lap("decode")
        asked = lifecycle.assign_version(visitor_of(request))
        query = search.look_at(photo, asked.version)
        watch.lap("inference")
        found = search.find_articles(query, chosen=chosen, limit=options["limit"], emphasis=options["emphasis"])
        facets = facets_of(chosen) if options["facets"] else None
        answer = answer_to(query, found, watch, facets, options.get("fields"))
        if options["explain"] and query.map is not None:
            answer["map"] = [[round(float(cell), 3) for cell in row] for row in query.map]
        record_search(query, asked.shadow, photo, chosen, found, answer["timings_ms"])
        return Response(answer)


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
        watch = Stopwatch()
        options = requests.read_options(request.query_params, requests.TokenOptions)
        query = read_token(options["token"])
        chosen = requests.read_filters(request.query_params)
        found = search.find_articles(
            query,
            chosen=chosen,
            limit=options["limit"],
            offset=options["offset"],
            emphasis=options["emphasis"],
        )
        facets = facets_of(chosen) if options["facets"] else None
        return Response(answer_to(query, found, watch, facets, options.get("fields")))


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
        found = search.similar_articles(article, limit=options["limit"])
        return Response(only(MatchSerializer(found, many=True).data, options.get("fields")))


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


def record_search(
    query: Query,
    shadow: Sequence[ModelVersion],
    photo: Image,
    chosen: Chosen,
    found: search.Found,
    timings_ms: Mapping[str, float],
) -> None:
    """Count a search with a new photo, remember it if the model is unsure, and begin to compare other versions."""
    search_stats.count_search(found.match, timings_ms, query.version)
    feedback.note_unsure(query)
    comparing.compare(shadow, photo, chosen, found)


def facets_of(chosen: Chosen) -> Facets:
    return count_facets(chosen, Article.objects.published())


def answer_to(
    query: Query, found: search.Found, watch: Stopwatch, facets: Facets | None, names: list[str] | None
) -> dict[str, Any]:
    """Return the answer to a search, timings last, so that they count everything before.

    `names` are the fields of articles that are wanted, all where it is None.
    """
    model = versions.get_model(query.version)
    slugs = search.category_slugs(one.label for one in query.predictions)
    answer: dict[str, Any] = {
        "token": query.token,
        "model": {"name": model.card.name, "version": model.card.version, "fallback": model.fallback},
        "predictions": [
            {
                "category": one.label,
                "label": one.name,
                "probability": round(one.probability, 4),
                "catalogue_category": slugs[one.label],
            }
            for one in query.predictions
        ],
        "box": [round(side, 4) for side in query.box],
        "match": found.match,
        "articles": only(MatchSerializer(found.matches, many=True).data, names),
        "index": status.index_status(query.version),
    }
    if facets is not None:
        answer["facets"] = FacetsSerializer(facets).data
    watch.laps |= found.timings_ms
    answer["timings_ms"] = watch.result()
    return answer
