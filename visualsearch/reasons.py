"""Why a photo cannot be found, in the language of whoever reads it.

The reason is noted in English by a worker, which knows no reader; the words here are those of the errors that it met.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext, gettext_noop

_REASONS = (
    gettext_noop("The photo's file is gone. Upload it again."),
    gettext_noop("The photo's file is not the one that was saved. Upload it again."),
    gettext_noop("The file is empty. Send it again."),
    gettext_noop(
        "The file is not a JPEG, PNG, WebP, GIF or AVIF picture, or it is damaged. Send one of these, or save it anew."
    ),
    gettext_noop("HEIC pictures are not read here. Send a JPEG; phones can be set to take or to share JPEG."),
    gettext_noop("The file has more than %(megabytes)s MB. Send it smaller or more strongly compressed."),
    gettext_noop(
        "The picture has %(width)s × %(height)s pixels, more than %(megapixels)s megapixels. "
        "Send it smaller; 2,000 pixels on its long side are plenty."
    ),
    gettext_noop("The picture has more than %(megapixels)s megapixels. Send it smaller."),
    gettext_noop("The picture has too many pixels. Send it smaller."),
)


def in_language(reason: str) -> str:
    """Return a reason in the active language; one that is not known here, as it is."""
    for text in _REASONS:
        pattern = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>[\\d.e+]+)", re.escape(text))
        if found := re.fullmatch(pattern, reason):
            return gettext(text) % found.groupdict()
    return reason
