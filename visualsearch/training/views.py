"""Training views: each photo as a shop and as shoppers show it, drawn anew every time."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from tqdm import tqdm

from visualsearch.evaluation.clothing import LabelledPhoto
from visualsearch.evaluation.shoppers import corners_of, homography, relight

# Long side of the photos kept in memory: more than a view needs after cropping.
KEPT_PIXELS = 288


def load_photos(photos: Sequence[LabelledPhoto]) -> list[Image.Image]:
    """Return the photos as small upright RGB pictures, long side KEPT_PIXELS, in memory."""
    return [_load(photo) for photo in tqdm(photos, desc="Reading photos", unit="photo")]


def _load(photo: LabelledPhoto) -> Image.Image:
    with Image.open(photo.path) as picture:
        small = picture.convert("RGB")
    small.thumbnail((KEPT_PIXELS, KEPT_PIXELS), Image.Resampling.LANCZOS)
    return small


def draw_view(photo: Image.Image, room: Image.Image, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return one random view of `photo`, (size, size, 3).

    Half of the views stand in front of `room`, smaller and turned; all are cropped, tilted, flipped and relit, and some
    are blurred, compressed or partly hidden.
    """
    in_room = rng.random() < 0.5
    area = np.sqrt(rng.uniform(0.65, 1.0))
    width, height = photo.width * area, photo.height * area
    left, top = rng.uniform(0, photo.width - width), rng.uniform(0, photo.height - height)
    source = corners_of(left, top, left + width, top + height)
    if rng.random() < 0.5:
        source = source[[1, 0, 3, 2]]
    # The view is squashed, letterboxed or between, mostly near its own proportions.
    squash = rng.uniform(0, 1) ** 2
    extent = np.array([width, height]) / max(width, height)
    extent = extent ** (1 - squash) * size * (rng.uniform(0.55, 0.95) if in_room else 1.0)
    target = corners_of(*(-extent / 2), *(extent / 2)) + rng.uniform(-0.06, 0.06, (4, 2)) * extent
    angle = np.radians(rng.uniform(-15, 15) if in_room else rng.uniform(-6, 6))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slack = np.abs(size - extent) / 2
    target = target @ turn.T + size / 2 + rng.uniform(-1, 1, 2) * slack
    coefficients = homography(source, target)
    view = photo.transform(
        (size, size), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR, fillcolor=None
    )
    # What lies inside the garment's photo: its crop, or for close views the whole photo.
    garment = Image.new("L", photo.size, 255).transform(
        (size, size), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR
    )
    if in_room:
        scene = room.resize((size // 8, size // 8)).resize((size, size), Image.Resampling.BICUBIC)
    else:
        border = room if rng.random() < 0.3 else photo
        scene = Image.new("RGB", (size, size), border.resize((1, 1)).getpixel((0, 0)))
    scene.paste(view, (0, 0), garment)
    scene = relight(scene, rng)
    if rng.random() < 0.3:
        scene = scene.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.2)))
    if rng.random() < 0.3:
        compressed = io.BytesIO()
        scene.save(compressed, "JPEG", quality=int(rng.integers(30, 80)))
        scene = Image.open(compressed).convert("RGB")
    pixels = np.array(scene)
    if rng.random() < 0.25:
        h, w = (rng.uniform(0.1, 0.35, 2) * size).astype(int)
        y, x = int(rng.integers(0, size - h)), int(rng.integers(0, size - w))
        pixels[y : y + h, x : x + w] = rng.integers(0, 256, 3)
    return pixels


def draw_empty(photo: Image.Image, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a picture without a garment, (size, size, 3): a corner of `photo`, mostly an upper one, enlarged."""
    width, height = (max(1, round(edge * rng.uniform(0.2, 0.33))) for edge in photo.size)
    left = 0 if rng.random() < 0.5 else photo.width - width
    top = 0 if rng.random() < 0.8 else photo.height - height
    box = (left, top, left + width, top + height)
    return np.asarray(relight(photo.resize((size, size), box=box), rng))
