"""Data augmentation for training: random views that imitate shop photos and shoppers' photos of an article."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from catalogue.progress import progress_bar
from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.query_augmentation import corners_of, homography, relight

# Long side of the photos in memory, in pixels: enough for a cropped view of 224.
KEPT_PIXELS = 288


def load_photos(photos: Sequence[LabelledPhoto]) -> list[Image.Image]:
    """Return the photos as RGB images in memory, long side at most KEPT_PIXELS."""
    return [_load(photo) for photo in progress_bar(photos, desc="Reading photos", unit="photo")]


def _load(photo: LabelledPhoto) -> Image.Image:
    with Image.open(photo.path) as picture:
        small = picture.convert("RGB")
    small.thumbnail((KEPT_PIXELS, KEPT_PIXELS), Image.Resampling.LANCZOS)
    return small


def draw_view(photo: Image.Image, room: Image.Image, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return one randomly augmented view of `photo`, (size, size, 3) uint8.

    All views get a random crop, perspective, flip and lighting; some also blur, JPEG compression or random erasing.
    Half of them are scaled down, rotated and pasted on a blurred `room`.
    """
    in_room = bool(rng.random() < 0.5)
    coefficients = homography(*_corners(photo, size, rng, in_room=in_room))
    view, inside = (
        picture.transform((size, size), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR)
        for picture in (photo, Image.new("L", photo.size, 255))
    )
    scene = _background(photo, room, size, rng, in_room=in_room)
    scene.paste(view, (0, 0), inside)
    return _partly_hidden(_through_a_lens(relight(scene, rng), rng), rng)


def _corners(
    photo: Image.Image, size: int, rng: np.random.Generator, *, in_room: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of a random crop in the photo and in the view, each (4, 2), in pixels."""
    area = np.sqrt(rng.uniform(0.65, 1.0))
    width, height = photo.width * area, photo.height * area
    left, top = rng.uniform(0, photo.width - width), rng.uniform(0, photo.height - height)
    source = corners_of(left, top, left + width, top + height)
    if rng.random() < 0.5:
        source = source[[1, 0, 3, 2]]
    # The aspect ratio lies between letterboxed (0) and squashed (1), mostly near the original.
    squash = rng.uniform(0, 1) ** 2
    extent = np.array([width, height]) / max(width, height)
    extent = extent ** (1 - squash) * size * (rng.uniform(0.55, 0.95) if in_room else 1.0)
    target = corners_of(*(-extent / 2), *(extent / 2)) + rng.uniform(-0.06, 0.06, (4, 2)) * extent
    angle = np.radians(rng.uniform(-15, 15) if in_room else rng.uniform(-6, 6))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slack = np.abs(size - extent) / 2
    return source, target @ turn.T + size / 2 + rng.uniform(-1, 1, 2) * slack


def _background(
    photo: Image.Image, room: Image.Image, size: int, rng: np.random.Generator, *, in_room: bool
) -> Image.Image:
    """Return the background: a blurred room, or a plain colour, mostly the photo's mean colour."""
    if in_room:
        return room.resize((size // 8, size // 8)).resize((size, size), Image.Resampling.BICUBIC)
    plain = room if rng.random() < 0.3 else photo
    return plain.resize((1, 1)).resize((size, size))


def _through_a_lens(scene: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the scene with random Gaussian blur and random JPEG compression, each with probability 0.3."""
    if rng.random() < 0.3:
        scene = scene.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.2)))
    if rng.random() < 0.3:
        compressed = io.BytesIO()
        scene.save(compressed, "JPEG", quality=int(rng.integers(30, 80)))
        scene = Image.open(compressed).convert("RGB")
    return scene


def _partly_hidden(scene: Image.Image, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the scene's pixels, (h, w, 3) uint8, after random erasing (Zhong et al., 2020) with probability 0.25."""
    pixels = np.array(scene)
    if rng.random() < 0.25:
        height, width = (rng.uniform(0.1, 0.35, 2) * scene.height).astype(int)
        y, x = int(rng.integers(0, scene.height - height)), int(rng.integers(0, scene.width - width))
        pixels[y : y + height, x : x + width] = rng.integers(0, 256, 3)
    return pixels


def draw_empty(photo: Image.Image, size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a negative example, (size, size, 3) uint8: an enlarged corner of `photo`, mostly an upper one."""
    width, height = (max(1, round(edge * rng.uniform(0.2, 0.33))) for edge in photo.size)
    left = 0 if rng.random() < 0.5 else photo.width - width
    top = 0 if rng.random() < 0.8 else photo.height - height
    box = (left, top, left + width, top + height)
    return np.asarray(relight(photo.resize((size, size), box=box), rng))
