"""Short links to searches. Only the search's token is kept, because a shopper asked for it, and for a limited time."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from catalogue import jobs
from catalogue.browsing.filters import is_storable
from visualsearch.exceptions import LinkExpiredError, LinkNotFoundError
from visualsearch.models import SearchLink
from visualsearch.services.retrieval.tokens import read_token

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=30)
# The most links, of about a kilobyte each. The one that would expire first makes room for a new one.
KEPT_AT_MOST = 50_000


def keep(token: str) -> SearchLink:
    """Return the link to a token's search, kept for KEPT_FOR from now: a new one, or the one that there is.

    Raises as `read_token` does, and nothing is kept then.
    """
    # Signed again, so that the token is valid for as long as the link.
    token = read_token(token).token
    now = timezone.now()
    search = digest_of(token)
    with transaction.atomic():
        SearchLink.objects.filter(search_sha256=search, expires__lte=now).delete()
        link, _created = SearchLink.objects.update_or_create(
            search_sha256=search, defaults={"token": token, "expires": now + KEPT_FOR}
        )
        _make_room()
    return link


def find(link_id: str) -> SearchLink:
    """Return a link. Raises LinkNotFoundError, and LinkExpiredError for one that was not removed yet."""
    link = SearchLink.objects.filter(pk=link_id).first() if is_storable(link_id) else None
    if link is None:
        raise LinkNotFoundError("link.unknown")
    if link.expires <= timezone.now():
        raise LinkExpiredError("link.expired")
    return link


def path_of(link: SearchLink) -> str:
    """Return the path of a link's page in the active language."""
    return reverse("links:link", args=[link.pk])


def remove_expired() -> int:
    """Delete the links that expired, and return how many."""
    expired = SearchLink.objects.filter(expires__lte=timezone.now())
    before = expired.count()
    jobs.delete_in_pieces(expired)
    return before - expired.count()


def digest_of(token: str) -> str:
    """Return what tokens of one search have in common, whenever each was signed."""
    # Django's signing writes payload:time:signature.
    return hashlib.sha256(token.rsplit(":", 2)[0].encode()).hexdigest()


def _make_room() -> None:
    too_many = SearchLink.objects.count() - KEPT_AT_MOST
    if too_many > 0:
        first = SearchLink.objects.order_by("expires", "pk").values_list("pk", flat=True)[:too_many]
        SearchLink.objects.filter(pk__in=list(first)).delete()
        logger.warning("%d links were removed before their time: more than %d are kept", too_many, KEPT_AT_MOST)
