"""The shipped model's labels in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# By the shipped model's labels, which are those of its training data.
NAMES = {
    "Dress": _("Dress"), "Hat": _("Hat"), "Longsleeve": _("Long-sleeved top"), "Outwear": _("Coat or jacket"),
    "Pants": _("Trousers"), "Shirt": _("Shirt"), "Shoes": _("Shoes"), "Shorts": _("Shorts"), "Skirt": _("Skirt"),
    "T-shirt": _("T-shirt"),
}  # fmt: skip


def in_words(name: str) -> str:
    """Return what shops call a label, in the active language; one of another model stays as it is."""
    return gettext(NAMES.get(name, name))


def label_in_words(label: str) -> str:
    """Return what shops call a label as it is stored, in lower case."""
    return in_words(label.capitalize())
