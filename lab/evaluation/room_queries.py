"""Studio photos put into rooms: the case of a shopper who wears, or hangs up, what a studio has photographed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from catalogue.imaging import read_image
from lab.evaluation.query_augmentation import generator_for

# A channel's least value of studio white.
WHITE = 239
# Pixels between the points of the border from which white is filled.
STEP = 8
ROOM_BLUR_PIXELS = 6
# Height of the figure in heights of the picture, which is SHAPE as wide as high.
SCALE, SHAPE = (0.7, 0.95), 0.8
# Brightness, and the gain of red, of which blue has the inverse.
LIGHT, WARMTH = (0.75, 1.25), (0.9, 1.1)
JPEG_QUALITY = 70


def room_photo(file: Path, rooms: Sequence[Path]) -> Image.Image:
    """Return a studio photo's figure in one of the rooms, in other light, upright RGB; seeded by the file's name."""
    rng = generator_for(f"room {file.name}")
    photo = read_image(file.read_bytes())
    mask = cut_out(photo)
    box = mask.getbbox() or (0, 0, *photo.size)
    figure, mask = photo.crop(box), mask.crop(box)
    room = read_image(rooms[int(rng.integers(len(rooms)))].read_bytes())
    height = int(max(figure.size) / rng.uniform(*SCALE))
    size = max(int(height * SHAPE), figure.width + 2), max(height, figure.height + 2)
    scene = room.filter(ImageFilter.GaussianBlur(ROOM_BLUR_PIXELS)).resize(size)
    place = (int(rng.integers(0, size[0] - figure.width)), int(rng.integers(0, size[1] - figure.height)))
    scene.paste(figure, place, mask)
    warmth = rng.uniform(*WARMTH)
    gains = rng.uniform(*LIGHT) * np.array([warmth, 1.0, 1.0 / warmth])
    lit = Image.fromarray(np.clip(np.asarray(scene, np.float32) * gains, 0, 255).astype(np.uint8))
    stream = io.BytesIO()
    lit.save(stream, "JPEG", quality=JPEG_QUALITY)
    return read_image(stream.getvalue())


def cut_out(photo: Image.Image) -> Image.Image:
    """Return the mask of what stands before white, 0 to 255: white is background where it reaches the border."""
    ground, figure, background = 255, 0, 128
    white = Image.fromarray((np.asarray(photo).min(axis=-1) >= WHITE).astype(np.uint8) * ground)
    # Filled at a quarter of the size: pixel by pixel Pillow takes a second a photo.
    small = white.resize((max(1, photo.width // 4), max(1, photo.height // 4)), Image.Resampling.NEAREST)
    right, lower = small.width - 1, small.height - 1
    points = [(x, y) for x in range(0, small.width, STEP) for y in (0, lower)]
    points += [(x, y) for y in range(0, small.height, STEP) for x in (0, right)]
    for point in points:
        if small.getpixel(point) == ground:
            ImageDraw.floodfill(small, point, background)
    reached = np.asarray(small.resize(photo.size, Image.Resampling.NEAREST).filter(ImageFilter.MaxFilter(5)))
    outside = (np.asarray(white) == ground) & (reached == background)
    mask = Image.fromarray(np.where(outside, figure, ground).astype(np.uint8))
    return mask.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(1))
