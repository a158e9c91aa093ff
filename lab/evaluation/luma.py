"""Recall of other views of one article, among the photos of Luma's catalogue: gallery.csv, pairs.csv and images/."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PIL.Image import Image

from lab.evaluation.cases import Cases, digest_of
from lab.evaluation.failures import misplaced
from lab.evaluation.gallery import Gallery, queries_of
from lab.evaluation.looking import queries_in, read_file, stock
from lab.evaluation.recall import ranks_of
from lab.evaluation.room_queries import room_photo
from visualsearch.inference.types import Model

LUMA, MIXED, ROOMS = "Luma", "mixed", "rooms"
# What the query views of pairs.csv show: of the close-ups, one in five is of the side.
VIEWS = {"back": "back", "alt1": "close-up"}
OTHER_VIEW = "whole outfit"


def judge_luma(model: Model, folder: Path) -> Cases:
    """Return the ranks of the clothing pairs of equal colour, together and by what the query's view shows."""
    return judge_views(model, folder, None, ())


def judge_views(model: Model, folder: Path, beside: Gallery | None, rooms: Sequence[Path]) -> Cases:
    """Return the same, also among the photos of a gallery `beside`, and of the views put into `rooms`."""
    with (folder / "pairs.csv").open(newline="", encoding="utf-8") as file:
        pairs = list(csv.DictReader(file))
    with (folder / "gallery.csv").open(newline="", encoding="utf-8") as file:
        paths = list(dict.fromkeys(row["path"] for row in csv.DictReader(file)))
    asked = {pair["query_path"] for pair in pairs}
    gallery = [path for path in paths if path not in asked]
    place = {path: number for number, path in enumerate(gallery)}
    strict = [
        pair
        for pair in pairs
        if pair["colour_match"] == "1" and pair["kind"] == "clothing" and pair["positive_path"] in place
    ]
    stocked = stock(model, [folder / path for path in gallery], "Looking at Luma's gallery").gallery
    files = [folder / pair["query_path"] for pair in strict]
    targets = [place[pair["positive_path"]] for pair in strict]
    names = [pair["query_path"] for pair in strict]
    views = queries_of(model, queries_in(model, files, "Looking at Luma's views"))
    similarities = {LUMA: stocked.similarities(views)}
    if rooms:
        seen = queries_in(model, files, "Looking at Luma's views in rooms", partial(room_photo, rooms=rooms))
        similarities[ROOMS] = stocked.similarities(queries_of(model, seen))
    ranks = {name: ranks_of(found, targets) for name, found in similarities.items()}
    shows: dict[str, Callable[[Path], Image]] = {LUMA: read_file, ROOMS: partial(room_photo, rooms=rooms)}
    failures = {
        name: misplaced(
            [partial(shows[name], file) for file in files],
            [folder / path for path in gallery],
            ranks[name],
            targets,
            found.argmax(axis=1).tolist(),
        )
        for name, found in similarities.items()
    }
    if beside is not None:
        ranks[MIXED] = ranks_of(stocked.beside(beside).similarities(views), targets)
    judged = dict.fromkeys(ranks, digest_of(names))
    shown = np.array([VIEWS.get(pair["query_view"], OTHER_VIEW) if "query_view" in pair else "" for pair in strict])
    for view in dict.fromkeys(filter(None, shown.tolist())):
        name = f"{LUMA}, {view}"
        ranks[name] = ranks[LUMA][shown == view]
        judged[name] = digest_of([query for query, one in zip(names, shown, strict=True) if one == view])
    return Cases(None, ranks, judged, failures=failures)
