"""Builds the shipped artefacts from photos: trains the float32 one, and quantises it to int8."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import get_args

import keras
import numpy as np
from numpy.typing import NDArray

from lab.evaluation.cases import Report
from lab.evaluation.clothing import LabelledPhoto, Split, read_photos, split
from lab.evaluation.looking import read_file
from lab.training import architectures, conversion, graph, publishing
from lab.training.describing import Fit, fit_descriptor, settings_of
from lab.training.distilling import Distillation, distil
from lab.training.finetuning import Recipe, fine_tune, read_lessons
from lab.training.labels import category_names
from lab.training.options import Sources
from lab.training.publishing import Name
from visualsearch.inference.artefact import CARD_FILE, open_model
from visualsearch.inference.descriptor import Descriptor, FeaturePart, Settings
from visualsearch.inference.letterbox import Framing, frame
from visualsearch.inference.litert import MODEL_FILE, LiteRTModel, Network
from visualsearch.inference.types import Model

SERVED_FILE = "served.keras"
# Side of the input at inference, in pixels. Training views may be smaller: a crop shows a garment relatively larger.
SERVED_SIZE = 224
MIDDLE_WEIGHT = 1.0
REPRESENTATIVE_PHOTOS = 200
# Seed that selects the calibration photos of int8.
SEED = 1
ORIGINS_FILE = "origins.json"
HOW_ALONE = "fine-tuned for categories on mixed pictures, and for what ImageNet's network sees in them"
HOW_TAUGHT = "distilled on mixed pictures, for categories and for what its teachers say of them"


def make_float32(
    sources: Sources, recipe: Recipe, work: Path, folder: Path, name: Name, teachers: Sequence[LiteRTModel] = ()
) -> Model:
    """Train, choose the framing, fit the descriptor and publish the float32 artefact into `folder`.

    With `teachers` the network is distilled from them. `work` keeps checkpoints, the trained graph and its provenance;
    an interrupted build resumes from there.
    """
    photos = split(read_photos(sources.data))
    labels = category_names(photos.training)
    origins = sources.facts(photos, architectures.named(recipe.architecture).imagenet_origin)
    if not (work / SERVED_FILE).exists():
        served = _trained(sources, recipe, photos, work, teachers)
        keep(served, origins, work)
    served = graph.resized(keras.models.load_model(work / SERVED_FILE), SERVED_SIZE)
    file = work / MODEL_FILE
    conversion.convert(served, "float32", None, file)
    fits = fit_framings(Network(file.read_bytes(), file=file, interpreters=1), photos, labels, served)
    best = max(fits.values(), key=lambda fit: fit.merit)
    distillation_facts = {"distillation": Distillation(tuple(teachers)).facts()} if teachers else {}
    facts: dict[str, object] = {
        "made": {
            "how": HOW_TAUGHT if teachers else HOW_ALONE,
            "recipe": asdict(recipe),
            **distillation_facts,
            "tensorflow": version("tensorflow"),
            "keras": version("keras"),
        },
        **origins,
        "framings_on_calibration_photos": {
            framing: Report(fit.category, {"made queries": fit.recall}).as_dict() for framing, fit in fits.items()
        },
    }
    model = publishing.publish(folder, name, file.read_bytes(), best.descriptor, labels, facts)
    return _measured(folder, model, sources.data, sources.luma, photos.calibration, {})


def keep(served: keras.Model, origins: Mapping[str, object], work: Path) -> None:
    """Save a trained graph in `work`, with the card's facts on its initial weights and training photos."""
    (work / ORIGINS_FILE).write_text(json.dumps(origins))
    served.save(work / SERVED_FILE)


def _trained(
    sources: Sources, recipe: Recipe, photos: Split, work: Path, teachers: Sequence[LiteRTModel]
) -> keras.Model:
    """Return the trained graph: fine-tuned, or distilled if there are `teachers`."""
    lessons = read_lessons(photos.training)
    if not teachers:
        return fine_tune(lessons, sources.weights, work, recipe)
    keras.utils.set_random_seed(recipe.seed)
    backbone = graph.build_backbone(architectures.named(recipe.architecture), sources.weights, recipe.size)
    served = graph.build_served(backbone, len(lessons.names), dropped=recipe.dropped)
    distil(served, lessons, Distillation(tuple(teachers)), work, recipe, started=False)
    return served


def make_int8(data: Path, luma: Path | None, work: Path, source: Path, folder: Path, name: Name) -> Model:
    """Quantise the graph saved in `work` after training and publish it into `folder`.

    It shares the descriptor of the float32 artefact in `source`, hence the vector space; the card states the cosine
    between both models' embeddings.
    """
    photos = split(read_photos(data))
    descriptor = Descriptor.load(source)
    settings = descriptor.settings
    facts = json.loads((source / CARD_FILE).read_text(encoding="utf-8"))
    labels: list[str] = facts["labels"]
    served = graph.resized(keras.models.load_model(work / SERVED_FILE), settings.size)
    pixels = representative(photos.training, settings.size, settings.framing)
    file = work / "int8.tflite"
    conversion.convert(served, "int8", pixels, file)
    inherited = {
        key: facts[key] for key in ("space", "made", "initial_weights", "data", "framings_on_calibration_photos")
    }
    inherited["made"]["quantised"] = (
        f"after training, int8 weights and activations, calibrated on {len(pixels)} photos of training contributors"
    )
    model = publishing.publish(folder, name, file.read_bytes(), descriptor, labels, inherited)
    float32 = open_model(source, interpreters=1)
    same_space: dict[str, object] = {
        "float32_artefact": float32.card.name,
        "cosine_with_float32": publishing.agreement(model, float32, photos.calibration[: publishing.AGREEMENT_PHOTOS]),
    }
    return _measured(folder, model, data, luma, photos.calibration, same_space)


def representative(photos: Sequence[LabelledPhoto], size: int, framing: Framing) -> NDArray[np.float32]:
    """Return a random sample of the photos to calibrate quantisation, (n, size, size, 3) float32 in −1..1."""
    chosen = np.random.default_rng(SEED).permutation(len(photos))[:REPRESENTATIVE_PHOTOS]
    pictures = [frame(read_file(photos[place].path), size, framing) for place in chosen]
    return np.stack(pictures).astype(np.float32) / 127.5 - 1.0


def fit_framings(network: Network, photos: Split, labels: Sequence[str], served: keras.Model) -> dict[Framing, Fit]:
    """Return a fitted descriptor for each framing (how a photo is fitted into the square input) of `served`."""
    framings: tuple[Framing, ...] = get_args(Framing)
    return {
        framing: fit_descriptor(network, photos, labels, settings_for(served, SERVED_SIZE, framing))
        for framing in framings
    }


def settings_for(served: keras.Model, size: int, framing: Framing) -> Settings:
    """Return the descriptor settings before fitting: feature parts of the graph, input size in pixels, framing."""
    last, features = graph.last_features(served), int(served.output[1].shape[-1])
    return settings_of(size, framing, (FeaturePart(0, last, 1.0), FeaturePart(last, features, MIDDLE_WEIGHT)))


def _measured(
    folder: Path,
    model: Model,
    data: Path,
    luma: Path | None,
    timed: Sequence[LabelledPhoto],
    more: dict[str, object],
) -> Model:
    """Add the held-out accuracy and the latency of the artefact to its card, and return the model."""
    facts = dict(model.card.facts) | more
    facts["measured"] = publishing.measure(model, data, luma)
    facts["latency"] = publishing.time_photos(model, timed)
    publishing.write_card(folder, facts)
    return model
