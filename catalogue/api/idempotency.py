"""Idempotent requests: a client that does not know whether a request arrived may safely retry it.

The header is that of https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ : a value that the
client generates for each operation, and sends again with each retry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.datastructures import MultiValueDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.authentication import partner_of
from catalogue.exceptions import CatalogueError, InvalidRequestError
from catalogue.messages import Message
from catalogue.models import IdempotencyRecord, digest_of

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEY_AT_MOST = 255

IDEMPOTENCY_PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": KEY_AT_MOST, "pattern": r"^[\x21-\x7e]+$"},
    OpenApiParameter.HEADER,
    description=(
        "A unique value of yours, such as a UUID. A request repeated with it within a day gets the first response "
        f"again, with the header {REPLAYED}, and nothing is done twice."
    ),
)


class RepeatedOtherwiseError(CatalogueError):
    """An Idempotency-Key that was already used for a different request."""

    code = "idempotency_mismatch"


def idempotent(request: Request, act: Callable[[], Response]) -> Response:
    """Return the response of `act`, or its stored response to the same caller's earlier request with the same key.

    The changes of `act` and the response are committed together. If it raises, nothing is stored: the client may
    correct the request and reuse the key. Raises RepeatedOtherwiseError if the key belongs to a different request,
    InvalidRequestError if it is malformed.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return act()
    if not 0 < len(key) <= KEY_AT_MOST or not all("!" <= sign <= "~" for sign in key):
        raise InvalidRequestError({HEADER: [Message.of("idempotency.not_a_key", limit=KEY_AT_MOST)]})
    owner, digest = owner_of(request), request_sha256(request)
    with transaction.atomic():
        try:
            with transaction.atomic():
                # A concurrent retry with the same key waits here until this transaction ends.
                kept = IdempotencyRecord.objects.create(owner=owner, key=key, request_sha256=digest)
        except IntegrityError:
            kept = IdempotencyRecord.objects.get(owner=owner, key=key)
            if kept.request_sha256 != digest:
                raise RepeatedOtherwiseError("idempotency.mismatch") from None
            headers = {REPLAYED: "true"} | ({"Location": kept.location} if kept.location else {})
            return Response(kept.body, status=kept.status, headers=headers)
        response = act()
        kept.status, kept.location = response.status_code, response.headers.get("Location", "")
        kept.body = json.loads(JSONRenderer().render(response.data)) if response.data is not None else None
        kept.save(update_fields=["status", "location", "body"])
    return response


def owner_of(request: Request) -> str:
    partner = partner_of(request)
    return f"partner {partner.pk}" if partner else f"user {request.user.pk}"


def request_sha256(request: Request) -> str:
    """Return the SHA-256 of method, path and data: of files their content, of a multipart form not its boundary."""
    data = request.data
    pairs = data.lists() if isinstance(data, MultiValueDict) else [("", [data])]
    said = [[name, [one if not isinstance(one, UploadedFile) else {"file": digest_of(one)} for one in values]]
            for name, values in pairs]  # fmt: skip
    text = json.dumps([request.method, request.path, sorted(said, key=lambda pair: pair[0])], default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
