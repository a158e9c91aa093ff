"""Where the shop's files are: below the data folder, or in a bucket that several machines share.

Imports no Django: settings are made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

# By the storage's name, the folder of its files, in the data folder as in a bucket.
FOLDERS = {
    # Import files that staff sent, until they are read.
    "default": "files",
    # Original photos, stored unchanged and never served.
    "photos": "photos",
    # What is rendered from them, and sitemaps.
    "renditions": "renditions",
    # Photos of batches, until a worker has searched with them.
    "batch_uploads": "waiting",
    # Photos that staff sent with a form, until it is saved.
    "photo_drafts": "drafts",
    # Photos of piles, until they are those of articles.
    "pile_photos": "piles",
    # Photos that shoppers submitted to improve the model.
    "feedback_photos": "given",
}
# What each machine keeps in its data folder anyway, and machines give one another through a bucket.
PUBLISHED = {"snapshots": "index", "models": "models"}
# A machine opens what it fetched only after its checksums are compared, and has to have the room.
PUBLISHED_MAX_BYTES = 1 << 40

Storages = dict[str, dict[str, Any]]


def file_storages(data_folder: Path, media_url: str) -> Storages:
    """Return the storages of a shop of one machine, as settings.STORAGES has them."""
    return {
        name: {
            "BACKEND": "catalogue.photos.storage.WholeFileStorage",
            "OPTIONS": {"location": data_folder / folder, **_served(name, media_url)},
        }
        for name, folder in FOLDERS.items()
    }


def bucket_storages(bucket: Mapping[str, Any], media_url: str, max_bytes: Mapping[str, int]) -> Storages:
    """Return the storages of a shop whose files are in a bucket, and those by which machines share what they built.

    `bucket` is as catalogue.photos.object_storage.Bucket takes it. `max_bytes` limits what is read of a storage;
    "photos" holds for those that are not named.
    """

    def storage(folder: str, limit: int, **options: Any) -> dict[str, Any]:
        return {
            "BACKEND": "catalogue.photos.object_storage.ObjectStorage",
            "OPTIONS": {"bucket": bucket, "folder": folder, "max_bytes": limit, **options},
        }

    own = {
        name: storage(folder, max_bytes.get(name, max_bytes["photos"]), **_served(name, media_url))
        for name, folder in FOLDERS.items()
    }
    shared = {name: storage(folder, PUBLISHED_MAX_BYTES, allow_overwrite=True) for name, folder in PUBLISHED.items()}
    return own | shared


def _served(name: str, media_url: str) -> dict[str, Any]:
    return {"base_url": media_url, "allow_overwrite": True} if name == "renditions" else {"base_url": None}
