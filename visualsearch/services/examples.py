"""Photos to try the search with, drawn for the demo: files below the static ones."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.translation import gettext_lazy as _

EXAMPLES_FOLDER = "search/examples/"
EXAMPLES = {
    "dress": _("A dress on a hanger"),
    "shirt": _("A checked shirt on the floor"),
    "shoes": _("A pair of shoes on the floor"),
    "t-shirt": _("A T-shirt on a bed"),
}


def example_bytes(name: str) -> bytes | None:
    """Return an example's file, None for a name that is none."""
    path = finders.find(f"{EXAMPLES_FOLDER}{name}.webp") if name in EXAMPLES else None
    return Path(path).read_bytes() if path else None
