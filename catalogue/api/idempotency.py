"""Requests that a client may repeat when it does not know whether they arrived.

The header is that of https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ : a value that the
client makes up for each thing it wants done, and sends again with each attempt.
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
        "A value of your own for this one thing, such as a UUID. Sent again within a day, it is answered as the first "
        f"time, with the header {REPLAYED}, and nothing is done twice."
    ),
)


class RepeatedOtherwiseError(CatalogueError):
    """An Idempotency-Key that was used for another request."""

    code = "idempotency_mismatch"


def idempotent(request: Request, act: Callable[[], Response]) -> Response:
    """Return what `act` answers, or what it answered to the same caller's request of the same key.

    What it does and the answer are committed together. What it raises is kept nowhere: the client may correct the
    request and use the key again. Raises RepeatedOtherwiseError, and InvalidRequestError for a key that is none.
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
                # Another attempt of the same key waits here until this one is committed.
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
    """Return a digest of what is asked: path and data, files by what they hold, whatever a form's boundaries are."""
    data = request.data
    pairs = data.lists() if isinstance(data, MultiValueDict) else [("", [data])]
    said = [[name, [one if not isinstance(one, UploadedFile) else {"file": digest_of(one)} for one in values]]
            for name, values in pairs]  # fmt: skip
    text = json.dumps([request.method, request.path, sorted(said, key=lambda pair: pair[0])], default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
