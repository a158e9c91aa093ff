"""The search page as a shopper uses it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import FilePayload, Page

FIRST = "#matches > li:first-child h3"

# Where the page's script sends a photo.
PHOTO_SENT = re.compile(r"/search/\?fragment=1$")

TEXT: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}


def choose(page: Page, photo: Path | FilePayload) -> None:
    page.set_input_files("#photo", photo)
