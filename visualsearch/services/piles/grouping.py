"""Which photos of a pile show one article: by file name, by vector, and by the order in which they were taken.

Names come first: `D-17_front.jpg` and `D-17_back.jpg` are of one article whatever they look like. Of the others, photos
that follow each other are one article if they look somewhat alike, and those apart if they look very much alike. What
that finds and mistakes is in docs/importing.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from catalogue.naming import name_key, says_nothing
from visualsearch.vectors import Vectors

# Cosines from which a photo is of the article of the one before it, and, wherever they are in the pile, the average
# from which two groups are one.
FOLLOWING_FROM, JOIN_FROM = 0.45, 0.85
# More photos than this are not proposed as one article: a name that they share is no article's, as in dress-1 to
# dress-40, and all of them alike are a series.
VIEWS_AT_MOST = 12
_VIEW = re.compile(
    r"(?:[-_ .]+(?:\d{1,2}|[a-e]|front|back|side|left|right|main|detail|zoom|alt\d?|view\d?|face|dos|devant|arri[eè]re"
    r"|c[oô]t[eé]|d[eé]tail)| ?\(\d{1,2}\))\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class View:
    """A photo to be grouped: its name in the pile, with folders, and its vector, a unit vector or None."""

    name: str
    vector: Vectors | None


def stem_of(name: str) -> str:
    """Return what the name of a photo has in common with other views of its article; "" if it says nothing.

    It starts with the photo's folder. Without a view at its end a name is its own stem.
    """
    path = PurePosixPath(name)
    stem = _VIEW.sub("", path.stem)
    if not stem or (says_nothing(stem) and (stem == path.stem or not re.search(r"\d", stem))):
        return ""
    return name_key(str(path.parent / stem))


def group(views: Sequence[View]) -> list[list[int]]:
    """Return the groups as indices of `views`, which are in the order in which they were taken."""
    stems = [stem_of(view.name) for view in views]
    trusted = {stem for stem, times in Counter(stems).items() if stem and 1 < times <= VIEWS_AT_MOST}
    named: dict[str, list[int]] = {}
    alone: list[int] = []
    for index, stem in enumerate(stems):
        if stem in trusted:
            named.setdefault(stem, []).append(index)
        else:
            alone.append(index)
    runs = _runs([index for index in alone if views[index].vector is not None], views)
    blind = [[index] for index in alone if views[index].vector is None]
    return sorted([*named.values(), *_joined(runs, views), *blind])


def _runs(indices: Sequence[int], views: Sequence[View]) -> list[list[int]]:
    """Return photos that follow each other and are alike, run by run."""
    runs: list[list[int]] = []
    for index in indices:
        follows = runs and runs[-1][-1] == index - 1 and len(runs[-1]) < VIEWS_AT_MOST
        if follows and max(_alike(views[index], views[other]) for other in runs[-1]) >= FOLLOWING_FROM:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _alike(one: View, other: View) -> float:
    return -1.0 if one.vector is None or other.vector is None else float(one.vector @ other.vector)


def _joined(groups: list[list[int]], views: Sequence[View]) -> list[list[int]]:
    """Join groups by average linkage until no two are alike enough, updated as Lance and Williams do (1967)."""
    if len(groups) < 2:
        return groups
    vectors = {index: vector for index, view in enumerate(views) if (vector := view.vector) is not None}
    means = np.stack([np.mean([vectors[index] for index in members], axis=0) for members in groups])
    # The mean of all cosines between two groups is the product of their means.
    alike = (means @ means.T).astype(np.float64)
    np.fill_diagonal(alike, -np.inf)
    while True:
        one, other = (int(at) for at in np.unravel_index(int(alike.argmax()), alike.shape))
        if alike[one, other] < JOIN_FROM:
            return [sorted(members) for members in groups if members]
        sizes = len(groups[one]), len(groups[other])
        if sum(sizes) > VIEWS_AT_MOST:
            alike[one, other] = alike[other, one] = -np.inf
            continue
        row = (alike[one] * sizes[0] + alike[other] * sizes[1]) / sum(sizes)
        row[[one, other]] = -np.inf
        alike[one, :] = alike[:, one] = row
        alike[other, :] = alike[:, other] = -np.inf
        groups[one], groups[other] = groups[one] + groups[other], []
