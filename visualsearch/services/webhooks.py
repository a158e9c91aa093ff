"""Telling apps of partners that a batch ended: a signed POST, repeated for hours until it is taken.

Headers and signature are those of Standard Webhooks (https://www.standardwebhooks.com). The address is asked through
the guarded client, as every address that others name: only public hosts, and no redirect is followed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from catalogue import jobs
from catalogue.exceptions import InvalidRequestError, NotFetchedError
from catalogue.imaging import FetchPolicy, check_address, post
from catalogue.messages import Message
from catalogue.models import ApiClient
from catalogue.sources.fetching import agent
from visualsearch.models import BatchWebhook, PhotoBatch, WebhookAttempt

logger = logging.getLogger(__name__)

# After each attempt that failed; a batch is kept for a day, so the last attempt is 17 hours after the first.
DELAYS_S = (10, 60, 300, 1_800, 7_200, 18_000, 36_000)
# Of one task: so many attempts, of which so many are one client's, that others need not wait for its slow server.
_ATTEMPTS, _OF_A_CLIENT, _AT_ONCE = 24, 4, 8
GONE = 410


class Outcome(NamedTuple):
    """The status of an attempt, 0 without one, and why it failed: as the app may know it, and as staff may."""

    status: int
    error: Message | None = None
    cause: Message | None = None


class Webhooks(jobs.Kind):
    """Webhooks of batches. One task makes the attempts that are due."""

    def due_messages(self) -> Sequence[tuple[Any, ...]]:
        return [()] if is_due() else []


KIND = Webhooks()


def is_due() -> bool:
    return BatchWebhook.objects.due().exists()


def check_webhook(client: ApiClient | None, url: str) -> None:
    """Raise InvalidRequestError if a batch cannot be announced at this address."""
    if client is None:
        raise InvalidRequestError({"webhook": [Message.of("webhook.for_partners")]})
    if not client.webhook_secret:
        raise InvalidRequestError({"webhook": [Message.of("webhook.no_secret")]})
    try:
        if not url.lower().startswith("https://"):
            raise InvalidRequestError({"webhook": [Message.of("webhook.address")]})
        check_address(url, FetchPolicy())
    except NotFetchedError as error:
        raise InvalidRequestError({"webhook": [Message.of("webhook.address")]}) from error


def attach(batch: PhotoBatch, client: ApiClient, url: str, *, site: str) -> BatchWebhook:
    """Have a batch announced at an address; `site` is the shop's scheme and host as the app knows them."""
    return BatchWebhook.objects.create(batch=batch, client=client, url=url, site=site)


def announce(batch: PhotoBatch, state: str, **counts: int) -> None:
    """Queue the webhook of a finished batch, if it has one. In the transaction that ends it."""
    for webhook in BatchWebhook.objects.filter(batch=batch):
        results = f"{webhook.site}/api/batches/{batch.pk}/results"
        payload = {
            "type": f"batch.{state}",
            "timestamp": timezone.now().isoformat().replace("+00:00", "Z"),
            "data": {"id": str(batch.pk), "state": state, **counts, "results": results},
        }
        BatchWebhook.objects.filter(pk=webhook.pk).announce(payload)


def deliver_due(*, policy: FetchPolicy | None = None) -> int:
    """Make the attempts that are due, and return how many those were. Safe to repeat and to race."""
    leases = _take_due()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # Threads do network requests only: connections to the database are a thread's own.
        asked = [(lease.job, pool.submit(_send, lease.job, policy or FetchPolicy())) for lease in leases]
        for webhook, sending in asked:
            _settle(webhook, sending.result())
    return len(leases)


def _take_due() -> list[jobs.Lease[BatchWebhook]]:
    leases: list[jobs.Lease[BatchWebhook]] = []
    of_client: Counter[int] = Counter()
    for key, client_id in BatchWebhook.objects.due().order_by("due", "pk").values_list("pk", "client"):
        if len(leases) == _ATTEMPTS:
            break
        if of_client[client_id] == _OF_A_CLIENT:
            continue
        if lease := jobs.take(BatchWebhook.objects.select_related("client"), key):
            of_client[client_id] += 1
            leases.append(lease)
    return leases


def _send(webhook: BatchWebhook, policy: FetchPolicy) -> Outcome:
    if webhook.client.revoked:
        return Outcome(GONE, Message.of("webhook.revoked"))
    body = json.dumps(webhook.payload, ensure_ascii=False).encode()
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": agent("webhooks"),
        "webhook-id": webhook.message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(
            signature_of(secret, webhook.message_id, timestamp, body) for secret in webhook.client.webhook_secrets()
        ),
    }
    try:
        status = post(webhook.url, body, headers, policy)
    except NotFetchedError as error:
        logger.info("webhook of batch %s failed: %s", webhook.batch_id, error)
        # One text for every cause: it must not tell an app what there is in the shop's own network.
        return Outcome(0, Message.of("webhook.unreachable"), error.message)
    return Outcome(status, None if 200 <= status < 300 else Message.of("webhook.status", status=status))


def signature_of(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Return a signature as `webhook-signature` has it: version, and HMAC-SHA256 of id, timestamp and body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


@transaction.atomic
def _settle(webhook: BatchWebhook, outcome: Outcome) -> None:
    """Write what became of an attempt, and when the next one is due; nothing if the lease was lost."""
    state, due = BatchWebhook.State.DELIVERED, None
    if outcome.error is not None:
        gives_up = outcome.status == GONE or webhook.tries >= len(DELAYS_S)
        state = BatchWebhook.State.FAILED if gives_up else BatchWebhook.State.PENDING
        due = None if gives_up else timezone.now() + timedelta(seconds=DELAYS_S[webhook.tries])
    written = webhook.held().update(
        state=state,
        due=due,
        tries=webhook.tries + 1,
        error=outcome.error.as_json() if outcome.error else None,
        lease_token="",
        leased_until=None,
        attempts=0,
    )
    if written:
        _log(webhook, outcome, next_attempt=due)


def _log(webhook: BatchWebhook, outcome: Outcome, *, next_attempt: datetime | None) -> None:
    cause = outcome.cause or outcome.error
    WebhookAttempt.objects.create(
        client=webhook.client,
        batch=webhook.batch_id,
        url=urlsplit(webhook.url)._replace(query="", fragment="").geturl(),
        number=webhook.tries + 1,
        status=0 if webhook.client.revoked else outcome.status,
        error=cause.as_json() if cause else None,
        next_attempt=next_attempt,
    )
    WebhookAttempt.keep_newest(webhook.client_id)
