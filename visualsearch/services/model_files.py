"""The files of registered models in a shop of several machines: published once, fetched by the machines without them.

Where files are in the data folder there is nothing to publish: none of this does anything.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import storages

from catalogue.exceptions import ImageTooLargeError
from visualsearch.exceptions import ModelUnavailableError
from visualsearch.index.checksums import file_sha256
from visualsearch.inference.artefact import CARD_FILE, wrong_files
from visualsearch.models import ModelVersion

logger = logging.getLogger(__name__)

# A model and its fallback have some 20 MB.
FILE_MAX_BYTES = 1_000_000_000
# What this process has found to be there.
_published: set[Path] = set()


def are_shared() -> bool:
    """Return whether machines give one another their models."""
    return "models" in settings.STORAGES


def publish(version: ModelVersion) -> None:
    """Put a version's files into the store, unless they are there or this machine has none. Raises OSError."""
    store, folder = _store(), version.folder
    if store is None or folder in _published or not (folder / CARD_FILE).exists():
        return
    if not store.exists(f"{folder.name}/{CARD_FILE}"):
        # The card comes last: with it they count as complete.
        files = [path for path in folder.rglob("*") if path.is_file()]
        for path in sorted(files, key=lambda path: path == folder / CARD_FILE):
            store.upload(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
        logger.info("%s: %d files published", version, len(files))
    _published.add(folder)


def publish_all() -> None:
    """Publish what is not yet of all versions that this machine has. What fails is logged, and tried again."""
    for version in ModelVersion.objects.active() if are_shared() else ():
        try:
            publish(version)
        except OSError as error:
            logger.warning("%s cannot be published: %s", version, error)


def fetch(version: ModelVersion) -> bool:
    """Fetch a version's files, which this machine does not have. Returns whether it has them now.

    They must have the checksums of their cards, and the card the one of the version's row. What fails is logged.
    """
    store, folder = _store(), version.folder
    if store is None:
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.{uuid4().hex}")
    # One process of a machine at a time; the others find what it fetched.
    with folder.with_name(f".fetching-{folder.name}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return True
        try:
            _fetch(store, version, part)
            part.rename(folder)
        except (OSError, ModelUnavailableError, ImageTooLargeError) as error:
            logger.warning("%s cannot be fetched: %s", version, error)
            return False
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return True


def _fetch(store: Any, version: ModelVersion, part: Path) -> None:
    began = time.monotonic()
    for entry in store.entries(version.folder.name):
        path = part / entry.name.removeprefix(f"{version.folder.name}/")
        # Names are the store's, and end at the disk of this machine.
        if not path.resolve().is_relative_to(part.resolve()):
            raise ModelUnavailableError("model.no_card", folder=entry.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        store.download(entry.name, path, max_bytes=FILE_MAX_BYTES)
    card = part / CARD_FILE
    if not card.exists() or file_sha256(card) != version.card_sha256:
        raise ModelUnavailableError("model.no_card", folder=version.folder.name)
    fallback = part / "fallback"
    for wrong in (*wrong_files(part), *(wrong_files(fallback) if fallback.is_dir() else ())):
        raise ModelUnavailableError("model.wrong_file", file=str(wrong.relative_to(part)), sha256=file_sha256(wrong))
    logger.info("%s fetched in %.1f s", version, time.monotonic() - began)


def _store() -> Any:
    return storages["models"] if are_shared() else None
