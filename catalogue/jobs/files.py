"""Files that jobs keep until they are done with, and what a killed process leaves of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from django.core.files.storage import Storage
from django.utils import timezone


def remove_unknown_files(
    store: Storage, folder: str, known: Callable[[], Iterable[str]], *, older_than: timedelta
) -> int:
    """Remove the files in a folder that no row names, and return how many.

    A file is kept before its row is, so a new one without a row may be about to get it: it is left for `older_than`.
    """
    try:
        _, names = store.listdir(folder)
    except FileNotFoundError:
        return 0
    # Listed first: a row that is written meanwhile is among those that are asked for after it.
    kept = set(known())
    prefix = f"{folder}/" if folder else ""
    unknown = [path for path in (f"{prefix}{name}" for name in names) if path not in kept]
    old = [path for path in unknown if _is_older(store, path, older_than)]
    for path in old:
        store.delete(path)
    return len(old)


def _is_older(store: Storage, path: str, than: timedelta) -> bool:
    try:
        return store.get_modified_time(path) < timezone.now() - than
    except FileNotFoundError:
        return False
