"""Shoppers' feedback on search results, and the model failures that follow from it.

A search is identified by a digest of its token. The visitor is not recorded, and a photo is stored only if the
shopper submits it with the feedback.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from uuid import uuid4

import numpy as np
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from PIL.Image import Image
from redis.exceptions import RedisError

from catalogue import jobs
from catalogue.exceptions import InvalidRequestError, VitrineError
from catalogue.imaging import render
from catalogue.messages import Message
from catalogue.models import Article
from visualsearch.models import Feedback, ModelFailure, ModelVersion
from visualsearch.services import versions
from visualsearch.services.retrieval.tokens import Query, read_token
from visualsearch.services.rollout import experiment_stats
from visualsearch.services.statistics import search_stats

logger = logging.getLogger(__name__)

Kind = Feedback.Kind

# A prediction below this probability counts as uncertain; half of the out-of-domain photos fall below it
# (docs/model.md).
UNSURE_BELOW = 0.5
UNSURE = "vitrine:unsure"
# The most uncertain searches queued in the cache, and the most failure rows: the newest are kept.
WAITING_AT_MOST, KEPT_AT_MOST = 1_000, 10_000
PHOTOS_KEPT_FOR = timedelta(days=90)
PHOTO_WIDTH = 1_024
# The most feedback rows of one search, against abuse.
MOST_OF_A_SEARCH = 100


def submit(
    token: str,
    kind: str,
    *,
    article_id: int = 0,
    rank: int | None = None,
    category: str = "",
    photo: Image | None = None,
    garment: int = 1,
) -> None:
    """Store a shopper's action on an article of a search's results, or a judgement of them. Idempotent.

    `garment` is the number of the photo's garment that was searched for, `photo` (upright RGB) what the shopper submits
    to improve the model. Raises as `read_token` does, and InvalidRequestError for an article that is not published, a
    category that is no label of the model, or a garment that the photo has not.
    """
    query = read_token(token).for_garment(garment)
    search = digest_of(token, garment)
    labels = versions.get_model(query.version).card.labels
    if kind == Kind.CATEGORY and category not in labels:
        raise InvalidRequestError({"category": [Message.of("feedback.label", value=category, labels=labels)]})
    if article_id and not Article.objects.published().filter(pk=article_id).exists():
        raise InvalidRequestError({"article": [Message.of("feedback.no_article")]})
    if Feedback.objects.filter(search=search).count() >= MOST_OF_A_SEARCH:
        return
    Feedback.objects.bulk_create(
        [
            Feedback(
                version=query.version,
                search=search,
                kind=kind,
                article_id=article_id,
                rank=rank,
                day=timezone.now().date(),
            )
        ],
        ignore_conflicts=True,
    )
    # Confirming the predicted category is no failure of the model.
    if kind == Kind.NOT_SIMILAR or (kind == Kind.CATEGORY and category != query.label):
        note_failure(query, kind, search, corrected=category, photo=photo)


def note_failure(query: Query, kind: str, search: str, *, corrected: str = "", photo: Image | None = None) -> None:
    """Store a model failure: vector and prediction of the query, and the photo if there is one."""
    mistake = failure_of(query, kind, search, corrected=corrected)
    if photo is not None:
        mistake.photo.save(f"{uuid4().hex}.webp", ContentFile(render(photo, PHOTO_WIDTH, "webp")), save=False)
    stored = False
    try:
        with transaction.atomic():
            # A later judgement of the same search replaces the earlier one.
            for before in ModelFailure.objects.select_for_update().filter(search=search, kind=kind):
                forget(before)
            mistake.save()
        stored = True
    finally:
        if not stored and mistake.photo.name:
            mistake.photo.delete(save=False)


def failure_of(query: Query, kind: str, search: str, *, corrected: str = "") -> ModelFailure:
    descriptor = versions.get_model(query.version).descriptor
    vector = descriptor.balanced(*query.garment.vectors(descriptor))
    return ModelFailure(
        version=query.version,
        kind=kind,
        search=search,
        vector=np.asarray(vector, "<f2").tobytes(),
        predicted=query.label,
        probability=query.predictions[0].probability if query.predictions else None,
        corrected=corrected,
    )


def note_unsure(query: Query) -> None:
    """Queue a search with an uncertain prediction in the cache: a search must not wait for a database write."""
    if not query.predictions or query.predictions[0].probability >= UNSURE_BELOW:
        return
    try:
        with search_stats.server().pipeline(transaction=False) as pipeline:
            pipeline.lpush(UNSURE, query.token)
            pipeline.ltrim(UNSURE, 0, WAITING_AT_MOST - 1)
            pipeline.execute()
    except (RedisError, OSError, ValueError) as error:
        logger.debug("a failure is not noted: %s", error)


def keep_unsure() -> int:
    """Move queued uncertain searches to rows, exactly once even if the process is killed. Returns their number."""
    redis = search_stats.server()
    tokens: list[str] = redis.lrange(UNSURE, 0, -1)  # type: ignore[assignment]  # this client is not asynchronous
    rows = []
    for token in tokens:
        try:
            rows.append(failure_of(read_token(token), ModelFailure.Kind.UNSURE, digest_of(token)))
        except VitrineError as error:
            logger.info("a failure is of a version that is gone: %s", error)
    ModelFailure.objects.bulk_create(rows, ignore_conflicts=True)
    # Searches queued meanwhile are at the head of the list, before these.
    redis.ltrim(UNSURE, 0, -len(tokens) - 1) if tokens else None
    return len(rows)


def forget_old() -> int:
    """Delete failures whose photo is older than PHOTOS_KEPT_FOR, and the oldest beyond KEPT_AT_MOST. Returns how many.

    Feedback older than the statistics reach is deleted too.
    """
    earliest = timezone.now().date() - timedelta(days=experiment_stats.SHOWN_DAYS)
    for version in ModelVersion.objects.all():
        # One version at a time, so that the index of version, kind and day is used.
        jobs.delete_in_pieces(Feedback.objects.filter(version=version, kind__in=Kind.values, day__lt=earliest))
    beyond = list(ModelFailure.objects.order_by("-created", "-pk").values_list("pk", flat=True)[KEPT_AT_MOST:])
    old = Q(created__lt=timezone.now() - PHOTOS_KEPT_FOR) & ~Q(photo="")
    gone = list(ModelFailure.objects.filter(old | Q(pk__in=beyond)))
    for mistake in gone:
        forget(mistake)
    return len(gone)


def forget(mistake: ModelFailure) -> None:
    """Delete a failure's row, and its photo's file on commit."""
    file = mistake.photo
    name, store = str(file.name or ""), file.storage
    mistake.delete()
    if name:
        transaction.on_commit(lambda: store.delete(name), robust=True)


def digest_of(token: str, garment: int = 1) -> str:
    """Return what identifies a search: for another garment of the same photo it is another search."""
    said = token if garment == 1 else f"{token} {garment}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]
