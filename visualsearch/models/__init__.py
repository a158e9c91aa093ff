"""Model versions, the vectors of photos, and what is remembered of searches."""

from __future__ import annotations

from visualsearch.models.batches import BatchPhoto, PhotoBatch, PhotoBatchQuerySet, batch_upload_storage
from visualsearch.models.duplicates import DuplicateReport, DuplicateReportQuerySet, NearDuplicate
from visualsearch.models.embeddings import EmbeddingFailure, LogEntry, PhotoEmbedding
from visualsearch.models.links import SearchLink
from visualsearch.models.piles import Pile, PileGroup, PilePhoto, PileQuerySet, pile_photo_storage
from visualsearch.models.rollout import Feedback, ModelFailure, VersionDay, feedback_photo_storage
from visualsearch.models.search_days import SearchDay
from visualsearch.models.versions import LabelMapping, ModelVersion, new_epoch, new_nonce
from visualsearch.models.webhooks import BatchWebhook, WebhookAttempt

__all__ = [
    "BatchPhoto",
    "BatchWebhook",
    "DuplicateReport",
    "DuplicateReportQuerySet",
    "EmbeddingFailure",
    "Feedback",
    "LabelMapping",
    "LogEntry",
    "ModelFailure",
    "ModelVersion",
    "NearDuplicate",
    "PhotoBatch",
    "PhotoBatchQuerySet",
    "PhotoEmbedding",
    "Pile",
    "PileGroup",
    "PilePhoto",
    "PileQuerySet",
    "SearchDay",
    "SearchLink",
    "VersionDay",
    "WebhookAttempt",
    "batch_upload_storage",
    "feedback_photo_storage",
    "new_epoch",
    "new_nonce",
    "pile_photo_storage",
]
