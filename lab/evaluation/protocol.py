"""The evaluation protocol: category accuracy and retrieval.

- category: top-1 accuracy on photos of held-out contributors;
- made queries: recall@k of one augmented query for each of these photos; the gallery is all photos, original included;
- dark: the same photos and queries at a quarter to a half of their brightness;
- kind: the share of the first k results that are of the photo's true category, in a shop that lacks the photo: held-out
  photos against the photos of all other contributors;
- similar: the share of an article's category among the nearest eight others, and among those that its page shows;
- Luma: recall@k of another view of an article in the same colour; the gallery is all photos that are no query;
- mixed: the same views in a gallery of Luma's photos and all photos of the clothing folder together;
- rooms: the same views cut out and put into rooms, to be found in Luma's gallery;
- composites and outfits: the garments found in photos of several, put together of held-out photos, or of the street.

Results are ranked as the shop ranks them, by kind too, where the gallery has categories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lab.evaluation.cases import Cases, Categories, digest_of
from lab.evaluation.certainty import judge_matches, judge_ood_images, judge_probabilities
from lab.evaluation.clothing import LabelledPhoto, read_photos, split
from lab.evaluation.failures import Failure, misplaced
from lab.evaluation.gallery import queries_of
from lab.evaluation.garments import judge_composites, judge_outfits
from lab.evaluation.looking import Looked, queries_in, read_file, stock
from lab.evaluation.luma import judge_views
from lab.evaluation.query_augmentation import darkened, write_queries
from lab.evaluation.recall import mean_of, share_of
from visualsearch.inference.ranking import RANKED_AMONG, order_by_kind
from visualsearch.inference.types import Inference, Model
from visualsearch.vectors import Vectors

MADE_QUERIES, DARK = "made queries", "dark queries"
DARK_CATEGORY = "category accuracy, dark"
# Results of a first screen, of which the kinds are counted.
KIND_LIMITS = (1, 8)
SIMILAR_SHOWN = 8
# Of the model's predictions as many as a query keeps.
KINDS_KEPT = 5


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
) -> tuple[NDArray[np.int64], list[int]]:
    """Return the rank of the relevant photo of each query as the shop ranks them, by kind too, (n,); 0 is first.

    And the photo that is first, of each.
    """
    orders = [
        served_order(model, row, chances_of(inference, categories))
        for row, inference in zip(similarities, inferences, strict=True)
    ]
    ranks = [np.flatnonzero(order == place)[0] for order, place in zip(orders, wanted, strict=True)]
    return np.array(ranks, np.int64), [int(order[0]) for order in orders]


def judge_all(model: Model, folder: Path, queries: Path, luma: Path | None, outfits: Path | None = None) -> Cases:
    """Return the model's predictions for a clothing folder's held-out photos, and the ranks of queries made of them.

    With `luma` also the ranks of its views: alone, mixed, and in rooms; with `outfits` the garments found in street
    photos. `queries` caches the augmented queries, named like the originals; missing ones are generated.
    """
    photos = read_photos(folder)
    looked = stock(model, [photo.path for photo in photos], "Looking at the gallery")
    cases = _judge_clothing(model, photos, looked, queries)
    cases |= judge_composites(model, judged_photos(photos))
    if outfits is not None:
        cases |= judge_outfits(model, outfits)
    if luma is None:
        return cases
    return cases | judge_views(model, luma, looked.gallery, [photo.path for photo in split(photos).training])


def _judge_clothing(model: Model, photos: Sequence[LabelledPhoto], looked: Looked, queries: Path) -> Cases:
    parts = split(photos)
    judged = judged_photos(photos)
    write_queries(judged, parts.training + parts.calibration, queries)
    place = {photo.path: number for number, photo in enumerate(photos)}
    targets = [place[photo.path] for photo in judged]
    seen = queries_in(model, [photo.path for photo in judged], "Looking at held-out photos")
    dark = queries_in(model, [photo.path for photo in judged], "Looking at dark photos", darkened)
    categories = _named(judged, seen)
    certainty = {
        **judge_probabilities(model, parts.judging, [looked.inferences[place[photo.path]] for photo in parts.judging]),
        **judge_ood_images(model, parts.judging, looked.gallery),
        DARK_CATEGORY: share_of(_named(judged, dark).right),
    }
    digest = digest_of([photo.path.name for photo in judged])
    cases = Cases(
        categories,
        {},
        {"category": digest, DARK_CATEGORY: digest},
        certainty,
        {DARK_CATEGORY: _named(judged, dark).right},
        {"category": _misnamed(judged, categories)},
    )
    cases |= judge_kinds(model, photos, looked, seen) | judge_similar(model, photos, looked)
    files = [queries / photo.path.name for photo in judged]
    for name, show in ((MADE_QUERIES, read_file), (DARK, darkened)):
        asked = queries_in(model, files, f"Looking at {name}", show)
        similarities = looked.gallery.similarities(queries_of(model, asked))
        ranks, first = served_ranks(model, similarities, asked, [photo.category for photo in photos], targets)
        shown = [partial(show, file) for file in files]
        failures = misplaced(shown, [photo.path for photo in photos], ranks, targets, first)
        certain = judge_matches(model, similarities, targets) if name == MADE_QUERIES else {}
        cases |= Cases(None, {name: ranks}, {name: digest}, certain, {}, {name: failures})
    return cases


def _named(photos: Sequence[LabelledPhoto], seen: Sequence[Inference]) -> Categories:
    best = [inference.predictions[0] for inference in seen]
    return Categories(
        tuple(photo.category for photo in photos),
        tuple(prediction.label for prediction in best),
        np.array([prediction.probability for prediction in best]),
    )


def _misnamed(photos: Sequence[LabelledPhoto], said: Categories) -> list[Failure]:
    return [
        Failure((partial(read_file, photo.path),), f"{photo.category}: {label} {probability:.2f}")
        for photo, label, probability in zip(photos, said.predicted, said.probability, strict=True)
        if label != photo.category
    ]


def judge_kinds(
    model: Model, photos: Sequence[LabelledPhoto], looked: Looked, inferences: Sequence[Inference]
) -> Cases:
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
    shares = {f"kind@{limit}": right[:, :limit].mean(axis=1) for limit in KIND_LIMITS}
    strengths = np.array([model.descriptor.match(float(nearest)) for nearest in similarities.max(axis=1)])
    called = {
        f"photo that the shop lacks called {strength}": share_of(strengths == strength)
        for strength in ("close", "weak", "none")
    }
    return _shared(judged, shares) | Cases(None, {}, {}, called)


def judge_similar(model: Model, photos: Sequence[LabelledPhoto], looked: Looked) -> Cases:
    """Return how many of the articles most similar to each held-out article are of its category.

    By looks alone, and as an article's page shows them: those of its category first.
    """
    judged = judged_photos(photos)
    number_of = {photo.path: number for number, photo in enumerate(photos)}
    places = [number_of[photo.path] for photo in judged]
    similarities = looked.gallery.similarities(queries_of(model, [looked.inferences[place] for place in places]))
    similarities[np.arange(len(places)), places] = -np.inf
    categories = np.array([photo.category for photo in photos])
    alone, shown = [], []
    for row, place in zip(similarities, places, strict=True):
        same = categories == categories[place]
        alone.append(same[np.argsort(-row, kind="stable")[:SIMILAR_SHOWN]].mean())
        shown.append(same[np.lexsort((-row, ~same))[:SIMILAR_SHOWN]].mean())
    return _shared(
        judged,
        {
            f"similar@{SIMILAR_SHOWN}, by looks alone": np.array(alone),
            f"similar@{SIMILAR_SHOWN}, as shown": np.array(shown),
        },
    )


def _shared(photos: Sequence[LabelledPhoto], shares: Mapping[str, NDArray[np.float64]]) -> Cases:
    """Return the cases of figures of which each photo has a share."""
    judged = dict.fromkeys(shares, digest_of([photo.path.name for photo in photos]))
    return Cases(None, {}, judged, {name: mean_of(values) for name, values in shares.items()}, shares)
