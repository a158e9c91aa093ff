"""What is sold: categories, brands, articles and their photos; imports; feeds on a schedule; clients of the API."""

from __future__ import annotations

from catalogue.models.api_clients import ApiClient, IdempotencyRecord
from catalogue.models.api_tokens import ApiToken
from catalogue.models.articles import (
    MAX_STYLE_NUMBER,
    NOT_A_REDUCTION,
    PROPOSABLE,
    Article,
    BinnedArticle,
    Brand,
    Category,
    Colour,
    Named,
    article_slug,
    default_currency,
    is_reduction,
)
from catalogue.models.drafts import PhotoDraft, draft_storage
from catalogue.models.history import ChangeSet, ChangeSetQuerySet, Edit
from catalogue.models.imports import ColumnMapping, ImportRefusal, ImportRun, ImportRunQuerySet, MappedBy
from catalogue.models.photos import URL_AT_MOST, Photo, PhotoSource, digest_of, photo_path, photo_storage
from catalogue.models.scheduled_feeds import FeedArticle, FeedFetch, ScheduledFeed
from catalogue.models.text_search import SearchDocument, SearchWord, SynonymGroup
from catalogue.models.variants import (
    MAX_BARCODE,
    MAX_SIZE,
    MAX_STOCK,
    Variant,
    VariantQuerySet,
    arrange,
    follow_sizes,
    is_counted,
    recorded_variants,
    replace_variants,
    set_variants,
    sizes_of,
    total_stock,
    variant_values,
    variants_of,
)

__all__ = [
    "MAX_BARCODE",
    "MAX_SIZE",
    "MAX_STOCK",
    "MAX_STYLE_NUMBER",
    "NOT_A_REDUCTION",
    "PROPOSABLE",
    "URL_AT_MOST",
    "ApiClient",
    "ApiToken",
    "Article",
    "BinnedArticle",
    "Brand",
    "Category",
    "ChangeSet",
    "ChangeSetQuerySet",
    "Colour",
    "ColumnMapping",
    "Edit",
    "FeedArticle",
    "FeedFetch",
    "IdempotencyRecord",
    "ImportRefusal",
    "ImportRun",
    "ImportRunQuerySet",
    "MappedBy",
    "Named",
    "Photo",
    "PhotoDraft",
    "PhotoSource",
    "ScheduledFeed",
    "SearchDocument",
    "SearchWord",
    "SynonymGroup",
    "Variant",
    "VariantQuerySet",
    "arrange",
    "article_slug",
    "default_currency",
    "digest_of",
    "draft_storage",
    "follow_sizes",
    "is_counted",
    "is_reduction",
    "photo_path",
    "photo_storage",
    "recorded_variants",
    "replace_variants",
    "set_variants",
    "sizes_of",
    "total_stock",
    "variant_values",
    "variants_of",
]
