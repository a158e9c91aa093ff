"""What the stores of files hold."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def files(store: str) -> set[str]:
    """Return the names of the files in the store called "photos" or "renditions"."""
    folder = Path(settings.DATA_DIR) / store
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
