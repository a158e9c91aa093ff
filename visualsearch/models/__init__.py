"""Model versions, the vectors of photos, and what is remembered of searches."""

from __future__ import annotations

from visualsearch.models.batches import BatchPhoto, PhotoBatch, waiting_storage
from visualsearch.models.duplicates import DuplicateReport, NearDuplicate
from visualsearch.models.embeddings import EmbeddingFailure, LogEntry, PhotoEmbedding
from visualsearch.models.rollout import Feedback, ModelFailure, VersionDay, failure_storage
from visualsearch.models.search_days import SearchDay
from visualsearch.models.versions import LabelMapping, ModelVersion, new_epoch, new_mark

__all__ = [
    "BatchPhoto",
    "DuplicateReport",
    "EmbeddingFailure",
    "Feedback",
    "LabelMapping",
    "LogEntry",
    "ModelFailure",
    "ModelVersion",
    "NearDuplicate",
    "PhotoBatch",
    "PhotoEmbedding",
    "SearchDay",
    "VersionDay",
    "failure_storage",
    "new_epoch",
    "new_mark",
    "waiting_storage",
]
