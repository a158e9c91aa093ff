"""The shipped model's labels in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# What translators find: a label's name comes from the model, so it is not written as text anywhere else.
NAMES = (
    _("Dress"), _("Hat"), _("Longsleeve"), _("Outwear"), _("Pants"),
    _("Shirt"), _("Shoes"), _("Shorts"), _("Skirt"), _("T-shirt"),
)  # fmt: skip


def in_words(name: str) -> str:
    """Return a label's name in the active language; one of another model stays as it is."""
    return gettext(name)
