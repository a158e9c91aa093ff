"""Resources that experiments share: photos, training data, initial weights, the shipped network, earlier results."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lab.evaluation.clothing import LabelledPhoto, Split, read_photos, split
from lab.experiments.cards import facts_in
from lab.experiments.places import Places
from lab.experiments.plan import SERVED_SIZE, Brought
from lab.training import architectures
from lab.training.architectures.base import IMAGENET, RANDOM
from lab.training.build import ORIGINS_FILE, SEED, SERVED_FILE, representative
from lab.training.finetuning import TARGETS_FILE, Lessons, read_lessons
from lab.training.labels import category_names
from lab.training.options import Sources
from visualsearch.inference.descriptor import Descriptor
from visualsearch.inference.letterbox import Framing

FRAMING: Framing = "letterbox"
# A descriptor is fitted on so many photos of training contributors: all of them would cost a minute a row.
FITTED_PHOTOS = 1000
UNFOLDED_FILE = "unfolded.keras"

logger = logging.getLogger(__name__)


class Bench:
    """The shared things, each read when the first row needs it."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._weights: dict[str, str] = {}

    @cached_property
    def photos(self) -> Split:
        return split(read_photos(self.places.data))

    @cached_property
    def labels(self) -> list[str]:
        return category_names(self.photos.training)

    @cached_property
    def lessons(self) -> Lessons:
        return read_lessons(self.photos.training)

    @cached_property
    def fitted(self) -> Split:
        """The photos that a descriptor is fitted on."""
        return replace(self.photos, training=self._some(FITTED_PHOTOS))

    @cached_property
    def targets(self) -> NDArray[np.float32]:
        """What ImageNet's network saw in the lessons when the shipped network was trained, (n, d); d is 0 if nobody
        kept it.
        """
        kept = None if self.places.shipped is None else self.places.shipped / TARGETS_FILE
        none = np.zeros((len(self.lessons.pictures), 0), np.float32)
        found: NDArray[np.float32] = np.load(kept) if kept is not None and kept.exists() else none
        return found if len(found) == len(none) else none

    def representative(self, size: int) -> NDArray[np.float32]:
        """Return the pictures that quantisation is calibrated on, (n, size, size, 3) in −1..1."""
        return representative(self.photos.training, size, FRAMING)

    def _some(self, count: int) -> list[LabelledPhoto]:
        training = self.photos.training
        return [training[place] for place in np.random.default_rng(SEED).permutation(len(training))[:count]]

    def folder(self, name: str) -> Path:
        """Return the folder of a row's artefact."""
        return self.places.output / name

    def work(self, name: str) -> Path:
        """Return the folder of a row's checkpoints."""
        return self.folder(name) / "work"

    @property
    def queries(self) -> Path:
        return self.places.queries or self.places.output / "queries"

    def served(self, name: str, *, folded: bool = True) -> keras.Model:
        """Return the graph that a row made."""
        return keras.models.load_model(self.folder(name) / (SERVED_FILE if folded else UNFOLDED_FILE))

    def descriptor(self, name: str) -> Descriptor:
        return Descriptor.load(self.folder(name))

    def facts(self, name: str) -> dict[str, Any]:
        """Return what the card of a finished row says."""
        return facts_in(self.folder(name))

    def brought(self, name: Brought) -> tuple[keras.Model, dict[str, Any], dict[str, object]]:
        """Return the graph of a network that was trained before, its recipe, and the origins of what it was made of.

        Raises ValueError if nobody says where it is.
        """
        folder = self.places.shipped if name == "shipped" else self.places.teacher
        files = (SERVED_FILE, ORIGINS_FILE, "training.json")
        if folder is None or not all((folder / file).exists() for file in files):
            raise ValueError(f"Name the folder where train_model left the network, {', '.join(files)}: --{name}.")
        recipe: dict[str, Any] = json.loads((folder / "training.json").read_text())["recipe"]
        return keras.models.load_model(folder / SERVED_FILE), recipe, json.loads((folder / ORIGINS_FILE).read_text())

    def weights_for(self, architecture: str) -> str:
        """Return the best initial weights that can be had: a file, ImageNet's, or random ones."""
        if architecture == architectures.DEFAULT or self.places.weights == RANDOM:
            return self.places.weights
        if architecture not in self._weights:
            self._weights[architecture] = IMAGENET if _has_imagenet(architecture) else RANDOM
        return self._weights[architecture]

    def origins(self, weights: str, imagenet_origin: str) -> dict[str, object]:
        """Return what a card says that a row with these initial weights is made of."""
        origin = self.places.weights_origin if weights == self.places.weights else None
        sources = Sources(self.places.data, weights, self.places.data_origin, origin, self.places.luma)
        return sources.facts(self.photos, imagenet_origin)


def _has_imagenet(name: str) -> bool:
    """Whether an architecture's ImageNet weights can be had here, now."""
    architecture = architectures.named(name)
    try:
        architecture.load_imagenet(architecture.build(SERVED_SIZE))
    except (OSError, ValueError) as error:
        logger.warning("%s starts from random weights: %s", name, error)
        return False
    return True
