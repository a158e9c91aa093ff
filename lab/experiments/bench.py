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
# Training photos that a descriptor is fitted on: all of them would take a minute per row.
FITTED_PHOTOS = 1000
UNFOLDED_FILE = "unfolded.keras"

logger = logging.getLogger(__name__)


class Bench:
    """The shared resources, each loaded on first use."""

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
        """The split with a sample of the training photos, to fit descriptors on."""
        return replace(self.photos, training=self._some(FITTED_PHOTOS))

    @cached_property
    def targets(self) -> NDArray[np.float32]:
        """The ImageNet features of the lessons from the training of the shipped network, (n, d); d is 0 if that file
        is missing or has another number of rows.
        """
        file = None if self.places.shipped is None else self.places.shipped / TARGETS_FILE
        none = np.zeros((len(self.lessons.pictures), 0), np.float32)
        targets: NDArray[np.float32] = np.load(file) if file is not None and file.exists() else none
        return targets if len(targets) == len(none) else none

    def representative(self, size: int) -> NDArray[np.float32]:
        """Return the images that calibrate quantisation, (n, size, size, 3) in −1..1."""
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
        """Return the trained graph of a row, with or without batch-norm folding."""
        return keras.models.load_model(self.folder(name) / (SERVED_FILE if folded else UNFOLDED_FILE))

    def descriptor(self, name: str) -> Descriptor:
        return Descriptor.load(self.folder(name))

    def facts(self, name: str) -> dict[str, Any]:
        """Return the model card of a finished row; empty if it is not finished."""
        return facts_in(self.folder(name))

    def brought(self, name: Brought) -> tuple[keras.Model, dict[str, Any], dict[str, object]]:
        """Return the graph of a pretrained network, its recipe, and the origins of its weights and data.

        Raises ValueError if its folder is not given or incomplete.
        """
        folder = self.places.shipped if name == "shipped" else self.places.teacher
        files = (SERVED_FILE, ORIGINS_FILE, "training.json")
        if folder is None or not all((folder / file).exists() for file in files):
            raise ValueError(f"Name the folder where train_model left the network, {', '.join(files)}: --{name}.")
        recipe: dict[str, Any] = json.loads((folder / "training.json").read_text())["recipe"]
        return keras.models.load_model(folder / SERVED_FILE), recipe, json.loads((folder / ORIGINS_FILE).read_text())

    def weights_for(self, architecture: str) -> str:
        """Return the best available initial weights: a file, IMAGENET or RANDOM."""
        if architecture == architectures.DEFAULT or self.places.weights == RANDOM:
            return self.places.weights
        if architecture not in self._weights:
            self._weights[architecture] = IMAGENET if _has_imagenet(architecture) else RANDOM
        return self._weights[architecture]

    def origins(self, weights: str, imagenet_origin: str) -> dict[str, object]:
        """Return the origins of initial weights and data as a model card states them."""
        origin = self.places.weights_origin if weights == self.places.weights else None
        sources = Sources(self.places.data, weights, self.places.data_origin, origin, self.places.luma)
        return sources.facts(self.photos, imagenet_origin)


def _has_imagenet(name: str) -> bool:
    """Whether an architecture's ImageNet weights can be loaded."""
    architecture = architectures.named(name)
    try:
        architecture.load_imagenet(architecture.build(SERVED_SIZE))
    except (OSError, ValueError) as error:
        logger.warning("%s starts from random weights: %s", name, error)
        return False
    return True
