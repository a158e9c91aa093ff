"""Storage of files without partial writes."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


class WholeFileStorage(FileSystemStorage):
    """File storage that removes a partially written file if writing fails, as on a full disk."""

    def _save(self, name: str, content: Any) -> str:
        try:
            saved: str = super()._save(name, content)  # type: ignore[misc]  # the stubs leave it out
        except OSError:
            with contextlib.suppress(OSError):
                Path(self.path(name)).unlink()
            raise
        return saved

    def read_start(self, name: str, count: int) -> bytes:
        """Return up to `count` first bytes of a file."""
        with self.open(name, "rb") as file:
            return bytes(file.read(count))
