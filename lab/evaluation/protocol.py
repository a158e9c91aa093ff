"""The evaluation protocol: category accuracy and retrieval.

- category: top-1 accuracy on photos of held-out contributors;
- made queries: recall@k of one augmented query for each of these photos; the gallery is all photos, original included;
- kind: the share of the first k results that are of the photo's true category, in a shop that lacks the photo: held-out
  photos against the photos of all other contributors;
- Luma: recall@k of another view of an article in the same colour; the gallery is all photos that are no query;
- mixed: the same views in a gallery of Luma's photos and all photos of the clothing folder together;
- rooms: the same views cut out and put into rooms, to be found in Luma's gallery;
- composites and outfits: the garments found in photos of several, put together of held-out photos, or of the street.

Results are ranked as the shop ranks them, by kind too, where the gallery has categories.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from catalogue.imaging import read_image
from catalogue.progress import progress_bar
from lab.evaluation.cases import Cases, Categories, digest_of
from lab.evaluation.certainty import judge_matches, judge_ood_images, judge_probabilities
from lab.evaluation.clothing import LabelledPhoto, read_photos, split
from lab.evaluation.gallery import Gallery, queries_of
from lab.evaluation.garments import judge_composites, judge_outfits
from lab.evaluation.query_augmentation import write_queries
from lab.evaluation.recall import Share, mean_of, ranks_of, share_of
from lab.evaluation.room_queries import room_photo
from visualsearch.inference.ranking import RANKED_AMONG, order_by_kind
from visualsearch.inference.regions import describe
from visualsearch.inference.types import Inference, Model
from visualsearch.vectors import Vectors

PHOTOS_AT_ONCE = 8
MADE_QUERIES = "made queries"
LUMA, MIXED, ROOMS = "Luma", "mixed", "rooms"
# Results of a first screen, of which the kinds are counted.
KIND_LIMITS = (1, 8)
# Of the model's predictions as many as a query keeps.
KINDS_KEPT = 5


@dataclass(frozen=True, slots=True)
class Looked:
    """What a model saw in photos, and the gallery of their vectors."""

    inferences: list[Inference]
    gallery: Gallery


def look_at(model: Model, photos: Sequence[Path], title: str) -> Iterator[tuple[Inference, Image]]:
    """Yield the model's inference of each file, in order, beside the picture, with a progress bar."""
    with progress_bar(total=len(photos), desc=title, unit="photo") as bar:
        for start in range(0, len(photos), PHOTOS_AT_ONCE):
            pictures = [read_file(file) for file in photos[start : start + PHOTOS_AT_ONCE]]
            yield from zip(model.predict(pictures), pictures, strict=True)
            bar.update(len(pictures))


def queries_in(
    model: Model, photos: Sequence[Path], title: str, show: Callable[[Path], Image] | None = None
) -> list[Inference]:
    """Return what the model sees in photos that are searched with: their first garment."""
    show = show or read_file
    return [model.predict_garments([show(file)])[0][0] for file in progress_bar(photos, desc=title, unit="photo")]


def stock(model: Model, photos: Sequence[Path], title: str) -> Looked:
    """Return what the model sees in photos that are found, and their vectors as a shop stores them."""
    inferences: list[Inference] = []
    described: list[Vectors] = []
    for inference, picture in look_at(model, photos, title):
        inferences.append(inference)
        described += describe(model, [picture], [inference])
    return Looked(inferences, Gallery.of(described))


def read_file(file: Path) -> Image:
    """Return the image in a file, upright RGB."""
    return read_image(file.read_bytes())


def judged_photos(photos: Sequence[LabelledPhoto]) -> list[LabelledPhoto]:
    """Return the test photos of held-out contributors that have a category."""
    return [photo for photo in split(photos).judging if photo.category]


def chances_of(inference: Inference, categories: Sequence[str]) -> NDArray[np.float64]:
    """Return the probability that the photo shows each gallery photo's category, (n,); 0 for those of none."""
    likely = {one.label: one.probability for one in inference.predictions[:KINDS_KEPT]}
    return np.array([likely.get(category, 0.0) for category in categories])


def served_order(model: Model, similarities: Vectors, chances: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the gallery's photos as the shop ranks them for one query, given (n,) similarities and chances."""
    order = np.argsort(-similarities, kind="stable")
    settings, ranked = model.descriptor.settings, order[:RANKED_AMONG]
    if settings.kind_bonus and len(ranked) > 1:
        places = order_by_kind(similarities[ranked].tolist(), chances[ranked].tolist(), settings)
        order[: len(ranked)] = ranked[places]
    return np.asarray(order, np.int64)


def served_ranks(
    model: Model,
    similarities: Vectors,
    inferences: Sequence[Inference],
    categories: Sequence[str],
    wanted: Sequence[int],
) -> NDArray[np.int64]:
    """Return the rank of the relevant photo of each query as the shop ranks them, by kind too, (n,); 0 is first."""
    orders = (
        served_order(model, row, chances_of(inference, categories))
        for row, inference in zip(similarities, inferences, strict=True)
    )
    return np.array([np.flatnonzero(order == place)[0] for order, place in zip(orders, wanted, strict=True)], np.int64)


def judge_all(model: Model, folder: Path, queries: Path, luma: Path | None, outfits: Path | None = None) -> Cases:
    """Return the model's predictions for a clothing folder's held-out photos, and the ranks of queries made of them.

    With `luma` also the ranks of its views: alone, mixed, and in rooms; with `outfits` the garments found in street
    photos. `queries` caches the augmented queries, named
    like the originals; missing ones are generated.
    """
    photos = read_photos(folder)
    looked = stock(model, [photo.path for photo in photos], "Looking at the gallery")
    cases = _judge_clothing(model, photos, looked, queries)
    garments = judge_composites(model, judged_photos(photos))
    if outfits is not None:
        garments |= judge_outfits(model, outfits)
    cases |= Cases(None, {}, {}, garments)
    if luma is None:
        return cases
    return cases | _judge_luma(model, luma, looked.gallery, [photo.path for photo in split(photos).training])


def _judge_clothing(model: Model, photos: Sequence[LabelledPhoto], looked: Looked, queries: Path) -> Cases:
    parts = split(photos)
    judged = judged_photos(photos)
    write_queries(judged, parts.training + parts.calibration, queries)
    place = {photo.path: number for number, photo in enumerate(photos)}
    targets = [place[photo.path] for photo in judged]
    seen = queries_in(model, [photo.path for photo in judged], "Looking at held-out photos")
    best = [inference.predictions[0] for inference in seen]
    categories = Categories(
        tuple(photo.category for photo in judged),
        tuple(prediction.label for prediction in best),
        np.array([prediction.probability for prediction in best]),
    )
    asked = queries_in(model, [queries / photo.path.name for photo in judged], "Looking at made queries")
    similarities = looked.gallery.similarities(queries_of(model, asked))
    certainty = {
        **judge_probabilities(model, parts.judging, [looked.inferences[place[photo.path]] for photo in parts.judging]),
        **judge_matches(model, similarities, targets),
        **judge_ood_images(model, parts.judging, looked.gallery),
        **judge_kinds(model, photos, looked, seen),
    }
    digest = digest_of([photo.path.name for photo in judged])
    ranks = {MADE_QUERIES: served_ranks(model, similarities, asked, [photo.category for photo in photos], targets)}
    return Cases(categories, ranks, {"category": digest, MADE_QUERIES: digest}, certainty)


def judge_kinds(
    model: Model, photos: Sequence[LabelledPhoto], looked: Looked, inferences: Sequence[Inference]
) -> dict[str, Share]:
    """Return how many of the first results are of the true category, for held-out photos in a shop that lacks them.

    And what the nearest is called there: close, weak or none. `inferences` are those of the held-out photos.
    """
    strange = {photo.contributor for photo in split(photos).judging}
    others = [number for number, photo in enumerate(photos) if photo.contributor not in strange]
    judged = judged_photos(photos)
    similarities = looked.gallery.only(others).similarities(queries_of(model, inferences))
    categories = [photos[number].category for number in others]
    right = np.array(
        [
            [
                categories[number] == photo.category
                for number in served_order(model, row, chances_of(inference, categories))[: max(KIND_LIMITS)]
            ]
            for photo, inference, row in zip(judged, inferences, similarities, strict=True)
        ]
    )
    figures = {f"kind@{limit}": mean_of(right[:, :limit].mean(axis=1)) for limit in KIND_LIMITS}
    strengths = np.array([model.descriptor.match(float(nearest)) for nearest in similarities.max(axis=1)])
    return figures | {
        f"photo that the shop lacks called {strength}": share_of(strengths == strength)
        for strength in ("close", "weak", "none")
    }


def judge_luma(model: Model, folder: Path) -> Cases:
    """Return the ranks of the clothing pairs of equal colour in Luma's catalogue: gallery.csv, pairs.csv, images/."""
    return _judge_luma(model, folder, None, ())


def _judge_luma(model: Model, folder: Path, beside: Gallery | None, rooms: Sequence[Path]) -> Cases:
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
    views = queries_of(model, queries_in(model, files, "Looking at Luma's views"))
    targets = [place[pair["positive_path"]] for pair in strict]
    digest = digest_of([pair["query_path"] for pair in strict])
    ranks = {LUMA: ranks_of(stocked.similarities(views), targets)}
    if beside is not None:
        ranks[MIXED] = ranks_of(stocked.beside(beside).similarities(views), targets)
    if rooms:
        seen = queries_in(model, files, "Looking at Luma's views in rooms", lambda file: room_photo(file, rooms))
        ranks[ROOMS] = ranks_of(stocked.similarities(queries_of(model, seen)), targets)
    return Cases(None, ranks, dict.fromkeys(ranks, digest))
