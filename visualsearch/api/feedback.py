"""POST /api/feedback: what a shopper did with the results of a search."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from PIL.Image import Image
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.authentication import PartnerAuthentication, partner_of
from catalogue.api.documentation import ANYBODY, refusals
from catalogue.api.parameters import ParametersView, names_of
from catalogue.api.parsers import BoundedJSONParser, PhotoFormParser
from catalogue.messages import Message
from catalogue.messages.rendering import render
from catalogue.rate_limits import Admission, Limit, address_of, admit
from visualsearch.api import examples, requests
from visualsearch.api.rate_limits import FeedbackThrottle
from visualsearch.inference.garments import MOST_GARMENTS
from visualsearch.models import Feedback
from visualsearch.services.rollout import feedback
from visualsearch.services.search import quotas
from visualsearch.services.search.photos import decode_upload

Kind = Feedback.Kind


class FeedbackBody(serializers.Serializer[Any]):
    """What a shopper did with an article of a search, or said about the results."""

    token = serializers.CharField(trim_whitespace=False, help_text="Of the search.")
    garment = serializers.IntegerField(
        min_value=1, max_value=MOST_GARMENTS, default=1, help_text="Which garment of the photo was searched for."
    )
    kind = serializers.ChoiceField(choices=Kind.choices)
    article = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="The article's id, if the feedback is about one."
    )
    rank = serializers.IntegerField(
        min_value=1, max_value=10_000, required=False, help_text="Its position in the results, from 1."
    )
    category = serializers.SlugField(
        max_length=100, required=False, help_text="With kind category: what the photo shows, one of the model's labels."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError if the article or category that the kind requires is missing."""
        needed = {Kind.CLICKED: "article", Kind.BASKET: "article", Kind.CATEGORY: "category"}.get(attrs["kind"])
        if needed and needed not in attrs:
            raise serializers.ValidationError({needed: render(Message.of("feedback.needed", kind=attrs["kind"]))})
        return attrs


class FeedbackUpload(FeedbackBody):
    """The same, with the photo, which the shopper agreed to share."""

    image = serializers.FileField(
        required=False, help_text="The photo of the search, if the shopper shares it to improve the search."
    )
    crop = requests.CropField(required=False, help_text="As in the search: x,y,width,height as fractions of the photo.")
    agreed = serializers.BooleanField(
        default=False, help_text="Whether the shopper agreed that the shop keeps the photo for 90 days."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError for a photo without the shopper's consent."""
        if attrs.get("image") is not None and not attrs["agreed"]:
            raise serializers.ValidationError({"agreed": render(Message.of("feedback.not_agreed"))})
        return super().validate(attrs)


def admitted(limits: Iterable[Limit], *, cost: int = 1) -> Admission:
    """Count a request and return its admission. Raises Throttled where there is none."""
    admission = admit(limits, cost=cost)
    if not admission.allowed:
        raise Throttled(admission.wait_s)
    return admission


def submit(told: dict[str, Any], photo: Image | None = None) -> None:
    feedback.submit(
        told["token"],
        told["kind"],
        article_id=told.get("article", 0),
        rank=told.get("rank"),
        category=told.get("category", ""),
        photo=photo,
        garment=told["garment"],
    )


class FeedbackView(ParametersView):
    """What shoppers do with results. Of who they are, nothing is kept."""

    authentication_classes = (PartnerAuthentication,)
    parser_classes = (BoundedJSONParser, PhotoFormParser)
    throttle_classes = (FeedbackThrottle,)
    body_parameters: ClassVar = {"POST": names_of(FeedbackUpload)}

    @extend_schema(
        operation_id="give_feedback",
        summary="Send feedback on a search",
        tags=["search"],
        auth=ANYBODY,
        request={"application/json": FeedbackBody, "multipart/form-data": FeedbackUpload},
        responses={204: None, **refusals(400, 401, 410, 413, 415, 429, 503)},
        examples=[examples.FEEDBACK_BODY, examples.FEEDBACK_UPLOAD],
    )
    def post(self, request: Request) -> Response:
        """Report what a shopper did with a search's results, or said about them.

        The same feedback on the same search and article counts once.
        """
        requests.check_length(request)
        sent = FeedbackUpload(data=requests.read_body(request.data))
        sent.is_valid(raise_exception=True)
        told = sent.validated_data
        if told["kind"] in feedback.JUDGEMENTS:
            self.judge(request, told)
        else:
            submit(told)
        return Response(status=HTTPStatus.NO_CONTENT)

    def judge(self, request: Request, told: dict[str, Any]) -> None:
        """Take what is left for staff to look at. What is refused counts nowhere but for the processor time it took."""
        image, caller = told.get("image"), (partner_of(request), address_of(request.META))
        kept = admitted(quotas.kept_limits(*caller), cost=quotas.bytes_kept(image))
        try:
            if image is None:
                submit(told)
                return
            admitted(quotas.time_limits(*caller))
            # The photo is decoded, and compared with the search's.
            with quotas.metered(*caller):
                submit(told, decode_upload(image, width=feedback.PHOTO_WIDTH, crop=told.get("crop")))
        except Exception:
            kept.take_back()
            raise
