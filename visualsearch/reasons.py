"""Why a photo cannot be found, in the language of whoever reads it, as `catalogue.reasons` does."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from catalogue import reasons

_REASONS = (
    gettext_noop("The photo's file is gone. Upload it again."),
    gettext_noop("The photo's file is not the one that was saved. Upload it again."),
    *reasons.PICTURE_REASONS,
)


def in_language(reason: str) -> str:
    """Return a reason in the active language; one that is not known here, as it is."""
    return reasons.in_language(reason, _REASONS)
