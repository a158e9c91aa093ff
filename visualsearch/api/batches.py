"""Batch searches by photo in the background: POST /api/batches, progress, cancellation and results."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.api.authentication import PartnerAuthentication, StaffAuthentication, partner_of
from catalogue.api.documentation import refusals
from catalogue.api.idempotency import IDEMPOTENCY_PARAMETER, idempotent, owner_of
from catalogue.api.paging import Pages, PageSerializer, page_parameters
from catalogue.api.parameters import ParametersView, names_of
from catalogue.api.parsers import BoundedJSONParser, PhotoFormParser
from catalogue.broker import enqueue_unique
from catalogue.browsing.displayed import displayed_articles
from catalogue.browsing.filters import parse_filters
from catalogue.exceptions import InvalidRequestError
from catalogue.messages import Message
from catalogue.messages.rendering import render_stored
from catalogue.models import Article
from catalogue.rate_limits import admit
from catalogue.rights import has_right
from visualsearch import tasks
from visualsearch.api import examples, requests
from visualsearch.api.serializers import MatchSerializer
from visualsearch.api.uploads import BatchUploadHandler
from visualsearch.models import BatchPhoto, BatchWebhook, PhotoBatch
from visualsearch.services import batches, webhooks
from visualsearch.services.retrieval.articles import Match
from visualsearch.services.search import quotas

CALLERS: list[Any] = [{"partnerKey": []}, {"tokenAuth": []}]


class QuotaSpentError(Throttled):
    """The client's remaining quota is smaller than the number of photos sent."""

    def __init__(self, wait_s: float | None, quota: int) -> None:
        super().__init__(wait_s)
        self.message = Message.of("batch.quota_spent", quota=quota)


class PartnersAndStaff(permissions.BasePermission):
    """Allows API clients with a key, and users with a token who have the right to what the method does."""

    verbs: ClassVar[dict[str, str]] = {"POST": "add", "DELETE": "delete"}

    def has_permission(self, request: Request, view: APIView) -> bool:
        if partner_of(request) is not None:
            return True
        verb = getattr(view, "verb", None) or self.verbs.get(request.method or "", "view")
        return has_right(request, f"visualsearch.{verb}_photobatch")


class WebhookErrorSerializer(serializers.Serializer[Any]):
    """Why an attempt failed; `code` is webhook.status, webhook.unreachable or webhook.revoked."""

    code = serializers.CharField()
    detail = serializers.CharField()


class WebhookSerializer(serializers.Serializer[BatchWebhook]):
    """The delivery of a batch's webhook."""

    url = serializers.CharField()
    status = serializers.ChoiceField(
        choices=BatchWebhook.State.values,
        help_text="waiting: the batch is running. pending: another attempt will follow.",
    )
    attempts = serializers.IntegerField(min_value=0)
    last_error = WebhookErrorSerializer(allow_null=True)
    next_attempt = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: BatchWebhook) -> dict[str, Any]:
        error = instance.error
        pending = instance.state == BatchWebhook.State.PENDING
        return {
            "url": instance.url,
            "status": instance.state,
            "attempts": instance.tries,
            "last_error": {"code": error["code"], "detail": render_stored(error)} if error else None,
            "next_attempt": self.fields["next_attempt"].to_representation(instance.due)
            if pending and instance.due
            else None,
        }


class BatchSerializer(serializers.Serializer[PhotoBatch]):
    """A batch and its progress."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=PhotoBatch.State.values)
    photos = serializers.IntegerField(help_text="All of them.")
    done = serializers.IntegerField(help_text="Photos with a result.")
    failed = serializers.IntegerField(help_text="Photos that could not be used, or were cancelled.")
    created = serializers.DateTimeField()
    expires = serializers.DateTimeField(help_text="When its results are deleted.")
    results = serializers.CharField(help_text="The address of its results.")
    webhook = WebhookSerializer(allow_null=True, help_text="Null if no address was given.")

    def to_representation(self, instance: PhotoBatch) -> dict[str, Any]:
        progress = batches.progress_of(instance)
        webhook = BatchWebhook.objects.filter(batch=instance).first()
        time = self.fields["created"].to_representation
        return {
            "id": str(instance.pk),
            "state": instance.state,
            "photos": progress.photos,
            "done": progress.done,
            "failed": progress.failed,
            "created": time(instance.begun),
            "expires": time(instance.expires),
            "results": reverse("api-batch-results", args=[instance.pk]),
            "webhook": webhook and WebhookSerializer(webhook).data,
        }


class PhotoErrorSerializer(serializers.Serializer[Any]):
    """Why a photo could not be used; `code` is that of a failed search, or cancelled."""

    code = serializers.CharField()
    detail = serializers.CharField()


class FoundSerializer(serializers.Serializer[Any]):
    """What a photo of a batch shows, and the most similar articles."""

    token = serializers.CharField(help_text="The query itself, for GET /api/search.")
    match = serializers.ChoiceField(choices=["close", "weak", "none"])
    articles = MatchSerializer(many=True)


class ResultSerializer(serializers.Serializer[BatchPhoto]):
    """The result of a photo of a batch."""

    number = serializers.IntegerField(help_text="Its position in the batch, from 0.")
    name = serializers.CharField(help_text="Its file's name, or its address.")
    state = serializers.ChoiceField(choices=BatchPhoto.State.values)
    error = PhotoErrorSerializer(allow_null=True)
    found = FoundSerializer(allow_null=True)


class ResultPages(Pages):
    """100 results a page."""

    default_limit = 100


class ResultPageSerializer(PageSerializer):
    """A page of results."""

    results = ResultSerializer(many=True)


RESULT_PARAMETERS = page_parameters(ResultPages.default_limit, former=True)


class BatchesView(ParametersView):
    """Authentication, permission and lookup of all batch views."""

    authentication_classes = (PartnerAuthentication, StaffAuthentication)
    permission_classes = (PartnersAndStaff,)

    def own_batch(self, request: Request, pk: UUID) -> PhotoBatch:
        """Return the caller's batch. Raises Http404 if it does not exist or belongs to another caller."""
        return get_object_or_404(PhotoBatch, pk=pk, owner=owner_of(request))


class BatchListView(BatchesView):
    """Batches, to be added to."""

    parser_classes = (PhotoFormParser, BoundedJSONParser)
    body_parameters: ClassVar = {"POST": names_of(requests.BatchUpload, requests.BatchBody)}

    @extend_schema(
        operation_id="begin_batch",
        summary="Submit up to 1,000 photos",
        tags=["batches"],
        auth=CALLERS,
        parameters=[IDEMPOTENCY_PARAMETER],
        request={"multipart/form-data": requests.BatchUpload, "application/json": requests.BatchBody},
        examples=[examples.BATCH_UPLOAD, examples.BATCH_BODY, examples.BATCH_BEGUN],
        responses={202: BatchSerializer, **refusals(400, 401, 403, 413, 415, 422, 429)},
    )
    def post(self, request: Request) -> Response:
        """Search with these photos in the background. For partners and staff."""
        sent = request._request
        sent.upload_handlers = [BatchUploadHandler(sent)]
        return idempotent(request, lambda: self.begin(request))

    def begin(self, request: Request) -> Response:
        data = requests.read_body(request.data)
        checked = requests.read_options(data, requests.BatchOptions)
        # Validated here, since the worker could not report errors to the caller.
        options = requests.search_options(checked, parse_filters(data))
        files, urls = photos_in(data)
        photos = len(files) + len(urls)
        limits = quotas.batch_limits(partner_of(request))
        quota = min((limit.most for limit in limits), default=photos)
        if photos > quota:
            raise InvalidRequestError({"photos": [Message.of("batch.over_quota", photos=photos, quota=quota)]})
        webhook = self.webhook_in(data, request)
        admission = admit(limits, cost=photos)
        if not admission.allowed:
            raise QuotaSpentError(admission.wait_s, quota)
        try:
            batch = batches.begin_batch(owner_of(request), files=files, urls=urls, options=options, webhook=webhook)
        except Exception:  # whatever failed, no batch was begun, so the quota is refunded
            admission.take_back()
            raise
        key = str(batch.pk)
        transaction.on_commit(lambda: enqueue_unique(tasks.look_at_batch, key, queue="bulk"), robust=True)
        return Response(
            BatchSerializer(batch).data,
            status=HTTPStatus.ACCEPTED,
            headers={"Location": reverse("api-batch", args=[batch.pk])},
        )

    def webhook_in(self, data: Mapping[str, Any], request: Request) -> batches.WebhookTarget | None:
        """Return the webhook that a body asks for. Raises ValidationError or InvalidRequestError."""
        if data.get("webhook") in (None, ""):
            return None
        read = requests.WebhookField(data={"webhook": data["webhook"]})
        read.is_valid(raise_exception=True)
        url, client = read.validated_data["webhook"], partner_of(request)
        webhooks.check_webhook(client, url)
        site = request.build_absolute_uri("/").removesuffix("/")
        return batches.WebhookTarget(client, url, site) if client else None


class BatchView(BatchesView):
    """One batch."""

    @extend_schema(
        operation_id="read_batch",
        summary="Get batch status",
        tags=["batches"],
        auth=CALLERS,
        examples=[examples.BATCH],
        responses={200: BatchSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """How many photos of a batch are done, and how many failed."""
        return Response(BatchSerializer(self.own_batch(request, pk)).data)

    @extend_schema(
        operation_id="delete_batch",
        summary="Delete a batch",
        tags=["batches"],
        auth=CALLERS,
        responses={204: None, **refusals(401, 403, 404)},
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """Stop a batch if it is running, and delete its results."""
        batches.forget(self.own_batch(request, pk))
        return Response(status=HTTPStatus.NO_CONTENT)


class CancelView(BatchesView):
    """Stopping a batch."""

    verb = "change"

    @extend_schema(
        operation_id="cancel_batch",
        summary="Cancel a batch",
        tags=["batches"],
        examples=[examples.BATCH_CANCELLED],
        auth=CALLERS,
        request=None,
        responses={200: BatchSerializer, **refusals(401, 403, 404)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Stop a batch if it is running. Results so far can be read."""
        batch = self.own_batch(request, pk)
        batches.cancel(batch)
        batch.refresh_from_db()
        return Response(BatchSerializer(batch).data)


class ResultsView(BatchesView):
    """What became of a batch's photos."""

    query_parameters: ClassVar = {"GET": names_of(*RESULT_PARAMETERS)}

    @extend_schema(
        operation_id="list_batch_results",
        summary="List the results of a batch",
        tags=["batches"],
        auth=CALLERS,
        parameters=RESULT_PARAMETERS,
        examples=[examples.RESULT_PAGE],
        responses={200: ResultPageSerializer, **refusals(400, 401, 403, 404)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """List the results in the order in which the photos were sent, including waiting ones."""
        pages = ResultPages()
        photos = pages.paginate_queryset(self.own_batch(request, pk).photos.order_by("number"), request, self)
        articles = displayed_articles(sorted({key for photo in photos for key, _ in photo.hits}))
        return pages.get_paginated_response([result_of(photo, articles, request) for photo in photos])


def photos_in(data: Any) -> tuple[list[UploadedFile[Any]], list[str]]:
    """Return the files or the URLs in a body. Raises InvalidRequestError or ValidationError if they are invalid."""
    if isinstance(data, MultiValueDict):
        files = data.getlist("images")
        if not files or not all(isinstance(file, UploadedFile) for file in files):
            raise InvalidRequestError({"images": [Message.of("batch.not_files")]})
        if len(files) > batches.MOST_PHOTOS:
            raise InvalidRequestError(
                {"images": [Message.of("batch.too_many_photos", photos=len(files), limit=batches.MOST_PHOTOS)]}
            )
        return files, []
    addresses = requests.addresses_field()
    try:
        return [], list(addresses.run_validation(data.get("urls", serializers.empty)))
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"urls": error.detail}) from error


def result_of(photo: BatchPhoto, articles: Mapping[int, Article], request: Request | None = None) -> dict[str, Any]:
    """Return a photo's result, without articles that are no longer published."""
    done = photo.state == BatchPhoto.State.DONE
    hits = [Match(articles[key], near) for key, near in photo.hits if key in articles]
    return {
        "number": photo.number,
        "name": photo.name,
        "state": photo.state,
        "error": {"code": photo.code, "detail": render_stored(photo.error)} if photo.code else None,
        "found": {
            "token": photo.token,
            "match": photo.match,
            "articles": MatchSerializer(hits, many=True, context={"request": request}).data,
        }
        if done
        else None,
    }
