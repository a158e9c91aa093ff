"""Why a picture was not taken, in the language of whoever reads it.

The reason is noted in English by a worker, which knows no reader; the words here are those of the errors that it met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext, gettext_noop

# Of reading a picture.
PICTURE_REASONS = (
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

# Of fetching one.
FETCH_REASONS = (
    gettext_noop("It is not a plain http or https address. Write it as https://host/picture.jpg."),
    gettext_noop("The address names a port that is not asked. Leave it out."),
    gettext_noop("The address leads to another again and again. Give the one at the end."),
    gettext_noop("The host's name is not known. Correct it, or wait until it is."),
    gettext_noop("The host is not on the public Internet. Put the picture on one that is."),
    gettext_noop("The server was too slow. Open the address in a browser to see why."),
    gettext_noop("The server cannot be reached, or broke the connection. Open the address in a browser to see why."),
    gettext_noop("The server answered with status %(status)s. Open the address in a browser to see why."),
    gettext_noop("The picture was fetched and cannot be kept here. Look whether the disk is full."),
    gettext_noop("Fetching the picture was broken off again and again. Give another."),
)


def in_language(reason: str, known: Iterable[str] = (*PICTURE_REASONS, *FETCH_REASONS)) -> str:
    """Return a reason in the active language; one that is not among those known, as it is."""
    for text in known:
        pattern = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>[\\d.e+]+)", re.escape(text))
        if found := re.fullmatch(pattern, reason):
            return gettext(text) % found.groupdict()
    return reason
