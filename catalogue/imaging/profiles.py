"""Converts the colours of a picture from its ICC profile to sRGB, which all other code assumes.

Phones take photos in Display P3: read as sRGB, their colours come out dull.
"""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageCms

# Profiles of phones, cameras and screens have 0.5 to 4 kB. Those of printers, which may have megabytes, are not for
# RGB, and the time to build a transform grows with the size of the profile.
_MAX_BYTES = 64_000
# What ImageCms raises for invalid profiles, found by mutating valid ones (fuzzing).
_DAMAGED = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


def convert_to_srgb(picture: Image.Image, profile: object) -> None:
    """Convert `picture` (RGB) in place from `profile`, Pillow's `info["icc_profile"]`, to sRGB.

    Nothing changes if the profile is missing, damaged, too large or not for RGB.
    """
    if not isinstance(profile, bytes) or not 0 < len(profile) <= _MAX_BYTES:
        return
    try:
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if embedded.profile.xcolor_space.strip() != "RGB":
            return
        # In place: a second copy of a picture of 50 megapixels takes 0.2 GB.
        ImageCms.profileToProfile(picture, embedded, _srgb(), inPlace=True)
    except _DAMAGED:
        return


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
