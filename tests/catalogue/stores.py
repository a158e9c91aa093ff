"""What the stores of files hold."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from catalogue.models import Photo


def live_files() -> set[str]:
    """Return the names of the files of photos that are not in the bin, nor files that another took the place of."""
    return files("photos") - set(Photo.all_objects.binned().values_list("file", flat=True))


def files(store: str) -> set[str]:
    """Return the names of the files in the store called "photos" or "renditions"."""
    folder = Path(settings.DATA_DIR) / store
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
