"""Dark photos: seen as they would look in better light, since the article's own photo was taken in it."""

from __future__ import annotations

import numpy as np
from PIL import Image

# Levels of 0 to 255. A photo is dark if hardly anything in it is brighter than this,
DARK_BELOW = 120
# and is brightened until its brightest parts are so bright: not white, which would make a wall a studio.
BRIGHTEST = 235
# What is dark by itself fills a close-up. There nothing is much darker than the rest: the darkest parts have at least
# this share of the brightest ones' level. In little light there are shadows.
SHADOWS_BELOW = 0.5
# Of a photo's cells, how many are no brighter than its darkest and its brightest parts.
PERCENTILES = (10, 99)
CELLS = (64, 64)
# Beyond this, what is seen is noise.
MOST_GAIN = 8.0


def in_light(photo: Image.Image) -> Image.Image:
    """Return a photo (upright RGB), brightened if it was taken in little light."""
    cells = np.asarray(photo.resize(CELLS, Image.Resampling.BOX, reducing_gap=1.0).convert("L"))
    darkest, brightest = np.percentile(cells, PERCENTILES).tolist()
    if brightest >= DARK_BELOW or darkest >= SHADOWS_BELOW * brightest:
        return photo
    gain = min(BRIGHTEST / brightest, MOST_GAIN)
    return photo.point([min(255, round(level * gain)) for level in range(256)] * 3)
