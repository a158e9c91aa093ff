"""Data augmentation of queries: simulates a shopper's photo by crop, perspective, background, light, blur and JPEG.

Real shoppers' photos of known articles are scarce. Simulated ones are reproducible: the file name is the seed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from catalogue.imaging import read_image
from lab.evaluation.clothing import LabelledPhoto

# Ranges of the augmentations: fractions of the image, degrees, factors and pixels.
CROP_AREA = (0.7, 1.0)
CORNER_SHIFT = 0.06
TURN_DEGREES = 15.0
SCALE = (0.6, 0.85)
LIGHT = (0.65, 1.3)
GAIN = (0.85, 1.15)
CONTRAST = (0.75, 1.25)
BLUR_PIXELS = 1.5
ROOM_BLUR_PIXELS = 12
JPEG_QUALITY = 40
# Brightness of a photo taken where there is little light.
DARK = (0.25, 0.5)


def generator_for(name: str) -> np.random.Generator:
    """Return a random generator seeded by a photo's name, independent of the order of the photos."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))


def homography(source: np.ndarray, target: np.ndarray) -> tuple[float, ...]:
    """Return the eight coefficients that PIL's PERSPECTIVE needs to map `target` corners back to `source` ones.

    Both are (4, 2), in pixels, in the same order.
    """
    rows, values = [], []
    for (u, v), (x, y) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return tuple(np.linalg.solve(np.array(rows), np.array(values)))


def corners_of(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """Return a rectangle's corners, (4, 2), clockwise from the upper left."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)


def relight(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return `picture` with random brightness, white balance and contrast."""
    gains = rng.uniform(*LIGHT) * np.array([rng.uniform(*GAIN), 1, rng.uniform(*GAIN)])
    lit = np.clip(np.asarray(picture, np.float32) * gains, 0, 255).astype(np.uint8)
    return ImageEnhance.Contrast(Image.fromarray(lit)).enhance(rng.uniform(*CONTRAST))


def shopper_photo(photo: Image.Image, room: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return `photo` augmented into a shopper's query, pasted on a blurred `room`; all upright RGB."""
    side = np.sqrt(rng.uniform(*CROP_AREA))
    width, height = (max(1, int(edge * side)) for edge in photo.size)
    left, top = (
        int(rng.integers(0, whole - part + 1)) for whole, part in zip(photo.size, (width, height), strict=True)
    )
    picture = photo.crop((left, top, left + width, top + height))
    fill = picture.resize((1, 1)).getpixel((0, 0))
    whole = corners_of(0, 0, width, height)
    moved = whole + rng.uniform(-CORNER_SHIFT, CORNER_SHIFT, (4, 2)) * (width, height)
    picture = picture.transform(
        picture.size, Image.Transform.PERSPECTIVE, homography(moved, whole), Image.Resampling.BICUBIC, fillcolor=fill
    )
    picture = picture.rotate(rng.uniform(-TURN_DEGREES, TURN_DEGREES), Image.Resampling.BICUBIC, fillcolor=fill)
    scene = room.filter(ImageFilter.GaussianBlur(ROOM_BLUR_PIXELS)).resize(picture.size)
    scale = rng.uniform(*SCALE)
    small = picture.resize((max(1, int(width * scale)), max(1, int(height * scale))))
    scene.paste(small, (int(rng.integers(0, width - small.width + 1)), int(rng.integers(0, height - small.height + 1))))
    return relight(scene, rng).filter(ImageFilter.GaussianBlur(rng.uniform(0, BLUR_PIXELS)))


def darkened(file: Path) -> Image.Image:
    """Return the photo in a file, upright RGB, in little light; seeded by the file's name."""
    brightness = generator_for(f"dark {file.name}").uniform(*DARK)
    return ImageEnhance.Brightness(read_image(file.read_bytes())).enhance(brightness)


def write_queries(photos: Sequence[LabelledPhoto], rooms: Sequence[LabelledPhoto], folder: Path) -> None:
    """Write an augmented query of each photo, with the same name, into `folder`; existing files are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for photo in photos:
        target = folder / photo.path.name
        if target.exists():
            continue
        rng = generator_for(photo.path.name)
        with Image.open(photo.path) as picture, Image.open(rooms[int(rng.integers(len(rooms)))].path) as room:
            made = shopper_photo(picture.convert("RGB"), room.convert("RGB"), rng)
        # Written beside and renamed, since another process may write the same file concurrently.
        part = target.with_suffix(f".{os.getpid()}.part")
        made.save(part, "JPEG", quality=JPEG_QUALITY)
        part.replace(target)
