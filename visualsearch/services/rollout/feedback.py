"""Shoppers' feedback on search results, and the model failures that follow from it.

A search is identified by a digest of its token. The visitor is not recorded, and a photo is stored only if the
shopper submits it with the feedback.
"""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import numpy as np
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from PIL.Image import Image
from redis.client import Pipeline

from catalogue import jobs
from catalogue.cache_trip import send_later
from catalogue.exceptions import InvalidRequestError
from catalogue.imaging import render
from catalogue.messages import Message
from catalogue.models import Article
from visualsearch.models import Feedback, ModelFailure, ModelVersion
from visualsearch.services import versions
from visualsearch.services.retrieval.engine import Engine
from visualsearch.services.retrieval.tokens import Query, read_token
from visualsearch.services.rollout import experiment_stats
from visualsearch.services.statistics import search_stats

logger = logging.getLogger(__name__)

Kind = Feedback.Kind

# What staff look at; the others are counted alone.
JUDGEMENTS = frozenset({Kind.NOT_SIMILAR, Kind.CATEGORY})
# A prediction below this probability counts as uncertain; half of the out-of-domain photos fall below it
# (docs/model.md).
UNSURE_BELOW = 0.5
UNSURE = "vitrine:unsure"
# The most uncertain searches queued in the cache, and the most of them as rows: the newest are kept.
WAITING_AT_MOST, UNSURE_AT_MOST = 1_000, 5_000
# Reports of shoppers that are stored: beyond that no more are taken, so that nobody can push out those of others.
TOLD_AT_MOST = 10_000
KEPT_FOR = timedelta(days=90)
# From this cosine on a photo is the one of a search. Of 60 photos, the same file has 1, the same encoded anew at two
# thirds of the size .946 at the least, any other .53 at the most.
SAME_PHOTO = 0.9
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
    category that is no label of the model, a garment that the photo has not, or a photo that is not the search's.
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
    if photo is not None and not is_photo_of(query, photo):
        raise InvalidRequestError({"image": [Message.of("feedback.other_photo")]})
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


def is_photo_of(query: Query, photo: Image) -> bool:
    """Return whether a photo (upright RGB) is the one of a query: its garment looks the same to the same model.

    Raises SearchUnavailableError.
    """
    engine = Engine(query.version)
    descriptor = engine.model.descriptor
    searched = descriptor.balanced(*query.garment.vectors(descriptor))
    seen = engine.embed_query(photo).garments
    return any(float(searched @ descriptor.balanced(*one.vectors(descriptor))) >= SAME_PHOTO for one in seen)


def note_failure(query: Query, kind: str, search: str, *, corrected: str = "", photo: Image | None = None) -> None:
    """Store a model failure: vector and prediction of the query, and the photo if there is one.

    Nothing is stored where as much as TOLD_AT_MOST is.
    """
    if is_full():
        logger.warning("a failure is not stored: there are %d that staff have not deleted", TOLD_AT_MOST)
        return
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


def is_full() -> bool:
    """Return whether no more failures are taken that shoppers tell of."""
    return ModelFailure.objects.exclude(kind=ModelFailure.Kind.UNSURE).count() >= TOLD_AT_MOST


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
    """Queue the predictions of a search that the model is unsure of, and nothing that describes the photo.

    Queued in the cache: a search must not wait for a database write.
    """
    if not query.predictions or query.predictions[0].probability >= UNSURE_BELOW:
        return
    said = {
        "version": query.version.pk,
        "search": digest_of(query.token),
        "predicted": query.label,
        "probability": query.predictions[0].probability,
    }

    def add_failure(pipeline: Pipeline) -> None:
        pipeline.lpush(UNSURE, json.dumps(said))
        pipeline.ltrim(UNSURE, 0, WAITING_AT_MOST - 1)

    send_later(add_failure)


def keep_unsure() -> int:
    """Move queued uncertain searches to rows, exactly once even if the process is killed. Returns their number."""
    redis = search_stats.server()
    queued: list[str] = redis.lrange(UNSURE, 0, -1)  # type: ignore[assignment]  # this client is not asynchronous
    versions_there = set(ModelVersion.objects.values_list("pk", flat=True))
    rows = [
        ModelFailure(
            version_id=said["version"],
            kind=ModelFailure.Kind.UNSURE,
            search=said["search"],
            vector=b"",
            predicted=said["predicted"],
            probability=said["probability"],
        )
        for said in filter(None, map(_read_unsure, queued))
        if said["version"] in versions_there
    ]
    ModelFailure.objects.bulk_create(rows, ignore_conflicts=True)
    # Searches queued meanwhile are at the head of the list, before these.
    redis.ltrim(UNSURE, 0, -len(queued) - 1) if queued else None
    return len(rows)


def _read_unsure(queued: str) -> dict[str, Any] | None:
    """Return what `note_unsure` queued; None for the token that it queued in earlier versions."""
    try:
        said: dict[str, Any] = json.loads(queued)
    except ValueError:
        return None
    return said


def forget_old() -> int:
    """Delete failures older than KEPT_FOR, and the oldest unsure searches beyond UNSURE_AT_MOST. Returns how many.

    Feedback older than the statistics reach is deleted too.
    """
    earliest = timezone.now().date() - timedelta(days=experiment_stats.SHOWN_DAYS)
    for version in ModelVersion.objects.all():
        # One version at a time, so that the index of version, kind and day is used.
        jobs.delete_in_pieces(Feedback.objects.filter(version=version, kind__in=Kind.values, day__lt=earliest))
    unsure = ModelFailure.objects.filter(kind=ModelFailure.Kind.UNSURE)
    for newest_gone in unsure.order_by("-pk").values_list("pk", flat=True)[UNSURE_AT_MOST : UNSURE_AT_MOST + 1]:
        jobs.delete_in_pieces(unsure.filter(pk__lte=newest_gone))
    gone = list(ModelFailure.objects.filter(created__lt=timezone.now() - KEPT_FOR))
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
