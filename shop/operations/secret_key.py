"""The secret key of a shop without a configured one: generated once, stored in the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from uuid import uuid4


def kept_secret_key(folder: Path) -> str:
    """Return the key stored in `folder`, generating it on the first call. Readable by its owner only.

    Several processes may start at once on an empty folder: the key is written to a temporary file and hard-linked into
    place. A link never replaces a file, so all processes read the same key.
    """
    path = folder / "secret-key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{uuid4().hex}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(part)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_text().strip()
