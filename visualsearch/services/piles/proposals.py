"""What an article of a pile is proposed to be: category, colours, names in both languages, and SKU."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any, Protocol

import numpy as np
from PIL.Image import Image, Resampling, fromarray

from catalogue.feeds.cells import MAX_NAME
from catalogue.models import Article, Category, Colour
from catalogue.naming import says_nothing
from visualsearch.inference.foreground import CELLS, lab_of, mask_of
from visualsearch.inference.types import Inference, Model
from visualsearch.models import PileGroup, PilePhoto
from visualsearch.services.piles.grouping import stem_of
from visualsearch.services.retrieval.label_categories import categories_of

# The least probability at which a category is proposed, as in the form of an article.
PROPOSED_FROM = 0.5
# The least share of a garment that a second colour has.
SECOND_FROM = 0.3
# Cells that are less the garment's than this say nothing of its colour.
_MASK_FROM = 0.5

# What each label of the shipped models is called, before its colour and after it; in French with gender and number.
_ENGLISH = {
    "dress": "dress", "hat": "hat", "longsleeve": "long-sleeved top", "outwear": "jacket", "pants": "trousers",
    "shirt": "shirt", "shoes": "shoes", "shorts": "shorts", "skirt": "skirt", "t-shirt": "T-shirt",
}  # fmt: skip
_FRENCH = {
    "dress": ("Robe", "", "f"), "hat": ("Chapeau", "", "m"), "longsleeve": ("Haut", " à manches longues", "m"),
    "outwear": ("Veste", "", "f"), "pants": ("Pantalon", "", "m"), "shirt": ("Chemise", "", "f"),
    "shoes": ("Chaussures", "", "fp"), "shorts": ("Short", "", "m"), "skirt": ("Jupe", "", "f"),
    "t-shirt": ("T-shirt", "", "m"),
}  # fmt: skip
# The feminine of colours that have one; others, as marron and bleu marine, are invariable or add an s.
_FEMININE = {
    "blanc": "blanche", "noir": "noire", "vert": "verte", "gris": "grise", "bleu": "bleue", "violet": "violette",
    "doré": "dorée", "argenté": "argentée", "écru": "écrue", "rouge": "rouge", "rose": "rose", "jaune": "jaune",
    "beige": "beige",
}  # fmt: skip


def colours_of(photo: Image, inference: Inference, model: Model, palette: Sequence[Colour]) -> list[list[Any]]:
    """Return [id, share] of the shop's colours on the garment, the largest share first."""
    if not palette:
        return []
    lab = lab_of(photo)
    seen = np.asarray(fromarray(inference.map).resize((CELLS, CELLS), Resampling.BILINEAR), np.float32)
    mask = mask_of(lab, seen, model.descriptor.settings.mask)
    cells = lab[mask >= min(_MASK_FROM, float(mask.max()))]
    swatches = np.stack([lab_of(_swatch(colour.hex))[0, 0] for colour in palette])
    # Lightness counts half: folds and light change it, and hardly the hue.
    weights = np.array([0.5, 1, 1], np.float32)
    distance = np.linalg.norm((cells[:, None] - swatches[None]) * weights, axis=-1)
    counts = Counter(distance.argmin(axis=1).tolist())
    return [[palette[index].pk, round(count / len(cells), 3)] for index, count in counts.most_common(3)]


def _swatch(hexadecimal: str) -> Image:
    from PIL import Image as images  # noqa: PLC0415, N813  (the name is the class's above)

    return images.new("RGB", (8, 8), hexadecimal)


class Seen(Protocol):
    """What the model saw in one photo."""

    @property
    def predictions(self) -> Any:
        """Return [label, probability], the likeliest first; none where no model looked."""

    @property
    def colours(self) -> Any:
        """Return [id, share] of the shop's colours on the garment."""


def propose(group: PileGroup, photos: Sequence[PilePhoto], palette: Sequence[Colour], taken: set[str]) -> list[Colour]:
    """Set what is proposed of a group, and return its colours. `taken`: SKUs in any case; the group's is added."""
    label = label_of(photos)
    group.category = categories_of([label])[label] if label else None
    colours = common_colours(photos, palette)
    group.name, group.name_fr = names_of(label, group.category, colours)
    group.sku = _sku_of(group, photos, taken)
    taken.add(group.sku.casefold())
    return colours


def names_of(label: str, category: Category | None, colours: Sequence[Colour]) -> tuple[str, str]:
    """Return the English and the French name of a garment, as in "Red long-sleeved top"; empty if nothing is known."""
    english = _ENGLISH.get(label) or (category.name if category else "")
    if not english:
        return "", ""
    in_english = " and ".join(colour.name.lower() for colour in colours)
    name = f"{in_english} {english if label in _ENGLISH else english.lower()}".strip()
    french, after, form = _FRENCH.get(label) or ((category.name_fr or category.name) if category else "", "", "m")
    in_french = " et ".join(_agreed(colour.name_fr or colour.name, form) for colour in colours)
    name_fr = " ".join(filter(None, [french, in_french])) + after
    return (name[:1].upper() + name[1:])[:MAX_NAME].rstrip(), name_fr[:MAX_NAME].rstrip()


def _agreed(colour: str, form: str) -> str:
    word = colour.lower()
    known = _FEMININE.get(word)
    if known is None:
        return word
    agreed = known if form.startswith("f") else word
    return agreed + "s" * (form.endswith("p") and not agreed.endswith("s"))


def label_of(photos: Iterable[Seen]) -> str:
    """Return the label that the photos show, on average; "" if the model is unsure."""
    sums: Counter[str] = Counter()
    looked_at = 0
    for photo in photos:
        looked_at += bool(photo.predictions)
        for label, probability in photo.predictions:
            sums[label] += probability
    if not sums:
        return ""
    label, total = sums.most_common(1)[0]
    return label if total / looked_at >= PROPOSED_FROM else ""


def common_colours(photos: Sequence[Seen], palette: Sequence[Colour]) -> list[Colour]:
    """Return the colour that most of the garment has in all photos, and a second one that much of it has."""
    shares: Counter[int] = Counter()
    for photo in photos:
        for key, share in photo.colours:
            shares[key] += share / len(photos)
    known = {colour.pk: colour for colour in palette}
    best = [(known[key], share) for key, share in shares.most_common(2) if key in known]
    return [colour for place, (colour, share) in enumerate(best) if not place or share >= SECOND_FROM]


def _sku_of(group: PileGroup, photos: Sequence[PilePhoto], taken: set[str]) -> str:
    """Return the file's name, where it says something and is nobody's, else one made of the pile's number."""
    for photo in photos:
        path = PurePosixPath(photo.name)
        shared = len(photos) > 1 and stem_of(photo.name)
        # In the writing of the file: a stem is folded to compare.
        stem = path.stem[: len(PurePosixPath(stem_of(photo.name)).name)] if shared else path.stem
        if not says_nothing(stem) and len(stem) <= 100 and stem.casefold() not in taken and stem.isprintable():
            return stem
    base = f"P{group.pile_id}-{group.number:03d}"
    sku, again = base, 1
    while sku.casefold() in taken:
        again += 1
        sku = f"{base}-{again}"
    return sku


def taken_skus() -> set[str]:
    """Return the SKUs of all articles, in any case."""
    return {sku.casefold() for sku in Article.objects.values_list("sku", flat=True).iterator()}
