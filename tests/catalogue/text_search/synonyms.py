"""The synonyms that a migration gives a new shop."""

from __future__ import annotations

from catalogue.models import SynonymGroup
from catalogue.text_search.default_synonyms import DEFAULT_SYNONYMS


def restore_default_synonyms() -> None:
    """Bring back the synonyms of a new shop, where a test emptied the database."""
    if not SynonymGroup.objects.exists():
        SynonymGroup.objects.bulk_create(SynonymGroup(words=words) for words in DEFAULT_SYNONYMS)
