"""Parsing and validation of search requests: the photo, in one of three forms, and the options."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from catalogue.api.authentication import partner_of
from catalogue.api.fields import fields_field
from catalogue.api.paging import MAX_LIMIT
from catalogue.browsing.filters import ArticleFilters
from catalogue.browsing.listing import QUERY_MAX_CHARACTERS
from catalogue.browsing.words import read_words
from catalogue.exceptions import InvalidRequestError
from catalogue.imaging import decode_base64
from catalogue.messages import Message
from catalogue.messages.rendering import render
from catalogue.models.addresses import address_to
from catalogue.photos.validators import photo_limits
from catalogue.rate_limits import address_of, admit
from visualsearch.api.serializers import MatchSerializer
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.inference.garments import MOST_GARMENTS
from visualsearch.models.webhooks import MAX_URL
from visualsearch.services.batches import MOST_PHOTOS
from visualsearch.services.retrieval.options import MAX_OFFSET, SearchOptions
from visualsearch.services.search import photos, quotas, visitors
from visualsearch.services.search.fetched_photos import fetch_photo

MAX_BATCH_LIMIT = 20

VISITOR_PARAMETER = OpenApiParameter(
    visitors.HEADER,
    {"type": "string", "maxLength": visitors.MAX_LENGTH},
    OpenApiParameter.HEADER,
    description=(
        "Any text that identifies a visitor or installation, so that it always gets the same model during a test. "
        "Default: derived from the IP address and the user agent. It is not stored."
    ),
)


@extend_schema_field(OpenApiTypes.STR)
class CropField(serializers.Field[tuple[float, ...], Any, str, Any]):
    """`x,y,width,height`, or a list of the four, as fractions of the upright picture."""

    def to_internal_value(self, data: Any) -> tuple[float, ...]:
        parts = data.split(",") if isinstance(data, str) else data
        try:
            numbers = tuple(float(part) for part in parts)
        except (TypeError, ValueError, OverflowError):
            numbers = ()
        if len(numbers) != 4 or not all(math.isfinite(number) for number in numbers):
            raise serializers.ValidationError(render(Message.of("crop.not_numbers")))
        return numbers

    def to_representation(self, value: tuple[float, ...]) -> str:
        return ",".join(map(str, value))


class OptionsSerializer(serializers.Serializer[dict[str, Any]]):
    """Options, whose fields all serializers of a class share: REST framework copies them for each, in a millisecond."""

    @property
    def fields(self) -> Any:
        return shared_fields(type(self))


@cache
def shared_fields(options: type[OptionsSerializer]) -> Any:
    """Return the fields of a class of options, bound to a serializer that has no data."""
    return super(OptionsSerializer, options()).fields


class SimilarOptions(OptionsSerializer):
    """The options of a list of similar articles."""

    limit = serializers.IntegerField(
        min_value=1, max_value=MAX_LIMIT, default=12, help_text="The maximum number of articles in a response."
    )
    fields = fields_field(MatchSerializer)


class SimilarPageOptions(SimilarOptions):
    """The same, and which page of it."""

    offset = serializers.IntegerField(
        min_value=0, max_value=MAX_OFFSET, default=0, help_text="How many articles to skip."
    )


class QueryOptions(SimilarOptions):
    """The options of a search, whatever the query is."""

    emphasis = serializers.FloatField(
        min_value=-1, max_value=1, default=0.0, help_text="−1 searches by shape only, +1 by colour only."
    )

    kind_first = serializers.BooleanField(
        default=True,
        help_text="Put articles of the recognised kind before others that are as similar.",
    )
    facets = serializers.BooleanField(default=False, help_text="Count the articles for each choice of a filter.")

    def validate_emphasis(self, value: float) -> float:
        if not math.isfinite(value):
            raise serializers.ValidationError(render(Message.of("request.emphasis")))
        return value


class WordOptions(OptionsSerializer):
    """Words beside the query."""

    q = serializers.CharField(
        max_length=QUERY_MAX_CHARACTERS,
        required=False,
        allow_blank=True,
        help_text="Words such as “blue linen”: colours and categories filter, articles with the others come first.",
    )


class PredictOptions(QueryOptions, WordOptions):
    """The options of a search with a photo."""

    crop = CropField(required=False, help_text="x,y,width,height as fractions of the upright image.")
    explain = serializers.BooleanField(default=False, help_text="Adds `map`: how much each part of the photo counted.")


class FilterFields(serializers.Serializer[dict[str, Any]]):
    """The filters, for the schema only; catalogue/browsing/filters.py parses them."""

    category = serializers.ListField(child=serializers.CharField(), required=False, help_text="Slugs of categories.")
    colour = serializers.ListField(child=serializers.CharField(), required=False, help_text="Slugs of colours.")
    size = serializers.ListField(child=serializers.CharField(), required=False, help_text="Sizes that are in stock.")
    brand = serializers.ListField(child=serializers.CharField(), required=False, help_text="Slugs of brands.")
    price_min = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0, required=False)
    price_max = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0, required=False)
    currency = serializers.CharField(
        required=False, help_text="The currency of the prices. Default: the shop's main one."
    )
    in_stock = serializers.BooleanField(required=False)


class PredictUpload(PredictOptions, FilterFields):
    """A photo as an uploaded file."""

    image = serializers.FileField(help_text="JPEG, PNG, WebP, GIF, AVIF or HEIC, up to 20 MB and 52 megapixels.")


class PredictBody(PredictOptions, FilterFields):
    """A photo as base64 text or as an address; one of the two."""

    image = serializers.CharField(required=False, help_text="Base64, with or without a data: prefix.")
    url = serializers.URLField(required=False, help_text="An http(s) address of an image on a public host.")


def addresses_field() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=2_000, validators=[URLValidator(schemes=["http", "https"])]),
        min_length=1,
        max_length=MOST_PHOTOS,
        help_text="http(s) addresses of images on public hosts.",
    )


class BatchOptions(QueryOptions):
    """The options of every search of a batch."""

    limit = serializers.IntegerField(min_value=1, max_value=MAX_BATCH_LIMIT, default=12)
    # A batch's results have no facets.
    facets = None  # type: ignore[assignment]  # None removes an inherited field


class WebhookField(serializers.Serializer[dict[str, Any]]):
    """Where the end of a batch is told."""

    webhook = serializers.CharField(
        max_length=MAX_URL,
        required=False,
        help_text="An https address that receives a signed message when the batch has finished.",
    )


class BatchUpload(BatchOptions, FilterFields, WebhookField):
    """Photos as uploaded files."""

    images = serializers.ListField(
        child=serializers.FileField(),
        min_length=1,
        max_length=MOST_PHOTOS,
        help_text="Files as for /api/predict, each in a part of this name.",
    )


class BatchBody(BatchOptions, FilterFields, WebhookField):
    """Photos at addresses."""

    urls = addresses_field()


class TokenOptions(QueryOptions, WordOptions):
    """The options of a search with a token."""

    token = serializers.CharField(trim_whitespace=False)
    offset = serializers.IntegerField(
        min_value=0, max_value=MAX_OFFSET, default=0, help_text="How many articles to skip."
    )
    garment = serializers.IntegerField(
        min_value=1,
        max_value=MOST_GARMENTS,
        default=1,
        help_text="Which garment of the response to search for, from 1.",
    )


def check_length(request: Request) -> None:
    """Raise ImageTooLargeError if the body is longer than any photo, before it is read."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    photos.check_length(length, as_text=request.content_type != "multipart/form-data")


def read_body(data: Any) -> Mapping[str, Any]:
    """Return a request's data. Raises InvalidRequestError if it is not an object."""
    if not isinstance(data, Mapping):
        raise InvalidRequestError({"request": [Message.of("request.not_an_object")]})
    return data


def read_options(data: Mapping[str, Any], options: type[SimilarOptions]) -> dict[str, Any]:
    """Return the validated options in `data`. Raises REST framework's ValidationError, field by field."""
    read = options(data={name: value for name, value in data.items() if value != "" or name == "token"})
    read.is_valid(raise_exception=True)
    checked: dict[str, Any] = read.validated_data
    return checked


def search_options(options: Mapping[str, Any], filters: ArticleFilters) -> SearchOptions:
    """Return validated options and filters as SearchOptions."""
    return SearchOptions(
        filters=filters,
        words=read_words(options),
        limit=options["limit"],
        offset=options.get("offset", 0),
        emphasis=options["emphasis"],
        kind_first=options["kind_first"],
        garment=options.get("garment", 1),
    )


def read_photo_bytes(request: Request, data: Mapping[str, Any]) -> bytes:
    """Return the bytes of the photo in `data`: an uploaded file, base64 text, or an address to fetch it from.

    Raises InvalidRequestError unless there is exactly one of them, what the imaging engine raises, and for an address
    what `_fetch` does.
    """
    image, url = data.get("image"), data.get("url")
    if bool(image) == bool(url):
        raise InvalidRequestError({"image": [Message.of("request.one_image")]})
    if isinstance(image, UploadedFile):
        return photos.upload_bytes(image)
    if isinstance(image, str):
        return decode_base64(image, limits=photo_limits())
    if isinstance(url, str):
        return _fetch(request, url)
    raise InvalidRequestError({"image" if image else "url": [Message.of("request.not_text")]})


def _fetch(request: Request, url: str) -> bytes:
    """Return the photo at an address. Raises Throttled, SearchUnavailableError and UnreachableUrlError."""
    client, address = partner_of(request), address_of(request.META)
    admission = admit(quotas.fetch_limits(client, address))
    if not admission.allowed:
        raise Throttled(admission.wait_s)
    try:
        return fetch_photo(url, caller=f"app {client.pk}" if client else address)
    except SearchUnavailableError:
        admission.take_back()
        raise


def address_of_page(
    request: Request, token: str, options: Mapping[str, Any], search: SearchOptions, offset: int
) -> str:
    """Return the address of a page of a search, which asks for it by its token."""
    asked: dict[str, Any] = {"token": token, "limit": search.limit}
    asked |= {"offset": offset} if offset else {}
    asked |= {"q": search.words.text} if search.words.text else {}
    asked |= {"emphasis": search.emphasis} if search.emphasis else {}
    asked |= {"garment": search.garment} if search.garment > 1 else {}
    asked |= {} if search.kind_first else {"kind_first": "false"}
    asked |= {"facets": "true"} if options.get("facets") else {}
    asked |= {"fields": ",".join(options["fields"])} if options.get("fields") else {}
    query = urlencode(asked | search.filters.values(), doseq=True)
    return request.build_absolute_uri(f"{address_to('api-search')}?{query}")
