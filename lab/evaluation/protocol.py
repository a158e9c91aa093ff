"""The evaluation protocol: category accuracy and retrieval.

- category: top-1 accuracy on photos of held-out contributors;
- made queries: recall@k of one augmented query for each of these photos; the gallery is all photos, original included;
- Luma: recall@k of another view of an article in the same colour; the gallery is all photos that are no query.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL.Image import Image

from catalogue.imaging import read_image
from catalogue.progress import progress_bar
from lab.evaluation.cases import Cases, Categories, digest_of
from lab.evaluation.certainty import judge_matches, judge_ood_images, judge_probabilities
from lab.evaluation.clothing import LabelledPhoto, read_photos, split
from lab.evaluation.query_augmentation import write_queries
from lab.evaluation.recall import ranks_of
from visualsearch.inference.types import Inference, Model
from visualsearch.vectors import Vectors

PHOTOS_AT_ONCE = 8
MADE_QUERIES = "made queries"
LUMA = "Luma"


def looks_of(model: Model, files: Sequence[Path], title: str) -> Iterator[Inference]:
    """Yield the model's inference of each file, in order, with a progress bar."""
    with progress_bar(total=len(files), desc=title, unit="photo") as bar:
        for start in range(0, len(files), PHOTOS_AT_ONCE):
            batch = files[start : start + PHOTOS_AT_ONCE]
            yield from model.predict([read_file(file) for file in batch])
            bar.update(len(batch))


def read_file(file: Path) -> Image:
    """Return the image in a file, upright RGB."""
    return read_image(file.read_bytes())


def vectors_of(model: Model, inferences: Sequence[Inference]) -> Vectors:
    """Return the embeddings of inferences, (n, dimensions), unit rows."""
    return model.descriptor.join(
        np.stack([inference.shape for inference in inferences]),
        np.stack([inference.colour for inference in inferences]),
    )


def judged_photos(photos: Sequence[LabelledPhoto]) -> list[LabelledPhoto]:
    """Return the test photos of held-out contributors that have a category."""
    return [photo for photo in split(photos).judging if photo.category]


def judge_clothing(model: Model, folder: Path, queries: Path) -> Cases:
    """Return the model's predictions for a folder's held-out photos, and the ranks of augmented queries of them.

    `queries` caches the augmented queries, named like the originals; missing ones are generated.
    """
    photos = read_photos(folder)
    parts = split(photos)
    judged = judged_photos(photos)
    write_queries(judged, parts.training + parts.calibration, queries)
    inferences = list(looks_of(model, [photo.path for photo in photos], "Looking at the gallery"))
    place = {photo.path: number for number, photo in enumerate(photos)}
    targets = [place[photo.path] for photo in judged]
    best = [inferences[row].predictions[0] for row in targets]
    categories = Categories(
        tuple(photo.category for photo in judged),
        tuple(prediction.label for prediction in best),
        np.array([prediction.probability for prediction in best]),
    )
    query_inferences = list(looks_of(model, [queries / photo.path.name for photo in judged], "Looking at made queries"))
    queried, gallery = vectors_of(model, query_inferences), vectors_of(model, inferences)
    certainty = {
        **judge_probabilities(model, parts.judging, [inferences[place[photo.path]] for photo in parts.judging]),
        **judge_matches(model, queried, gallery, targets),
        **judge_ood_images(model, parts.judging, gallery),
    }
    digest = digest_of([photo.path.name for photo in judged])
    ranks = {MADE_QUERIES: ranks_of(queried, gallery, targets)}
    return Cases(categories, ranks, {"category": digest, MADE_QUERIES: digest}, certainty)


def judge_luma(model: Model, folder: Path) -> Cases:
    """Return the ranks of the clothing pairs of equal colour in Luma's catalogue: gallery.csv, pairs.csv, images/."""
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
    gallery_inferences = list(looks_of(model, [folder / path for path in gallery], "Looking at Luma's gallery"))
    views = list(looks_of(model, [folder / pair["query_path"] for pair in strict], "Looking at Luma's views"))
    targets = [place[pair["positive_path"]] for pair in strict]
    ranks = ranks_of(vectors_of(model, views), vectors_of(model, gallery_inferences), targets)
    return Cases(None, {LUMA: ranks}, {LUMA: digest_of([pair["query_path"] for pair in strict])})
