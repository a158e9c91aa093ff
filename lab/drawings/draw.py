"""Draws a demo article: the shop's first photo, a second one, or a shopper's."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from lab.drawings import scene
from lab.drawings.article import DrawnArticle
from lab.drawings.fields import Field
from lab.drawings.frame import Frame
from lab.drawings.paint import Canvas, Light, common_folds, paint
from lab.drawings.piece import Garment

SIZE = (800, 1000)

_FRONT_LIGHT = Light()


@dataclass(frozen=True)
class Setting:
    """Where and how the article is photographed."""

    ground: str  # studio, boards, sheet, plaster, room
    colour: str
    light: Light = _FRONT_LIGHT
    degrees: float = 0.0
    fill: float = 0.86  # share of the picture's height or width that the garment takes
    detail: bool = False
    flipped: bool = False
    distance: float = 2.2  # centimetres between the garment and the ground behind it
    shift: tuple[float, float] = (0.0, 0.0)  # shares of the picture


_WOODS = ("#b98d5f", "#a5774c", "#c7a57c", "#8d6849", "#cdb698")
_SHEETS = ("#e8e1d5", "#dcd3c4", "#cfd3d2", "#e5d8cf", "#c9c6bd")
_WALLS = ("#c9c4bb", "#b7bdb9", "#d3c3b4", "#c6cdd2", "#d9cfc0", "#bfb4a8")
Ground = Callable[[Frame, np.random.Generator, str], Field]
_GROUNDS: dict[str, Ground] = {
    "studio": scene.studio,
    "boards": scene.boards,
    "sheet": scene.sheet,
    "plaster": scene.plaster,
    "room": scene.room,
}


def seeded(*words: object) -> np.random.Generator:
    """Return a generator that is always the same for the same words."""
    digest = hashlib.sha256(":".join(map(str, words)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def draw(article: DrawnArticle, view: int, *, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return the article's photo number `view` (0: in the studio, 1: another look), RGB, the same every time."""
    rng = seeded(article.sku, view)
    garment = article.cut(article.cloth, seeded(article.sku), article.accent)
    setting = _studio(rng, garment) if view == 0 else _second(rng, garment)
    return photograph(garment, article, setting, rng, size)


def _studio(rng: np.random.Generator, garment: Garment) -> Setting:
    return Setting(
        "studio",
        str(rng.choice(scene.STUDIOS)),
        degrees=0.0 if garment.stands else rng.uniform(-0.8, 0.8),
        shift=(0.0, 0.06 if garment.stands else 0.0),
    )


def _second(rng: np.random.Generator, garment: Garment) -> Setting:
    """Return a setting for the second photo: closer, or lying on another ground in another light."""
    side = float(rng.choice([-1, 1]))
    light = Light(x=0.55 * side, y=-0.45, z=0.66, ambient=0.4)
    if garment.stands:
        colour = str(rng.choice(_WALLS))
        if rng.random() < 0.4:
            return Setting("studio", colour, light, detail=True, flipped=True)
        return Setting("room", colour, light, fill=0.8, flipped=True, shift=(0.0, 0.12))
    if rng.random() < 0.3:
        return Setting("studio", str(rng.choice(_WALLS)), light, degrees=rng.uniform(-3, 3), detail=True, distance=1.4)
    ground = str(rng.choice(["boards", "sheet", "plaster"]))
    colour = str(rng.choice({"boards": _WOODS, "sheet": _SHEETS, "plaster": _WALLS}[ground]))
    return Setting(ground, colour, light, degrees=rng.uniform(-12, 12), fill=0.88, distance=0.9)


def photograph(
    garment: Garment, article: DrawnArticle, setting: Setting, rng: np.random.Generator, size: tuple[int, int]
) -> Image.Image:
    """Return the picture of a garment in a setting."""
    frame = _framed(garment, setting, rng, size)
    canvas = Canvas(
        np.zeros((3, frame.height, frame.width), dtype=np.float32),
        np.zeros((frame.height, frame.width), dtype=np.float32),
    )
    light = setting.light
    if article.cloth.pattern is not None:  # a print hides the folds: light them harder
        light = replace(light, strength=light.strength * 1.25)
    folds = common_folds(frame, rng, article.cloth, 0.35 if garment.stands else 1.0)
    paint(garment, canvas, frame, light, folds)
    ground = _GROUNDS[setting.ground](frame, rng, setting.colour)
    scene.throw_shadow(ground, canvas.cover, frame, light, distance=setting.distance, stands=garment.stands)
    return scene.finished(canvas, ground)


def _framed(garment: Garment, setting: Setting, rng: np.random.Generator, size: tuple[int, int]) -> Frame:
    """Return where the garment lies in the picture."""
    width, height = size
    left, top, right, bottom = garment.bounds()
    wobble = 0.0 if garment.stands else 0.3
    if setting.detail:
        x, y, across = garment.focus
        anchor, scale = (x, y), width / across
    else:
        angle = math.radians(abs(setting.degrees))
        wide, high = right - left, bottom - top
        turned = wide * math.cos(angle) + high * math.sin(angle), high * math.cos(angle) + wide * math.sin(angle)
        anchor = (left + right) / 2, (top + bottom) / 2
        scale = min(width * setting.fill / turned[0], height * setting.fill / turned[1])
        wobble = min(wobble, 0.004 * max(wide, high))
    centre = width * (0.5 + setting.shift[0]), height * (0.5 + setting.shift[1])
    return Frame(
        width, height, scale, anchor, centre, setting.degrees, setting.flipped, wobble=wobble, phase=rng.uniform(0, 6)
    )
