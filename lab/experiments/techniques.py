"""Compression techniques: each takes a row and the bench, and returns the row's graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lab.experiments.bench import Bench
from lab.experiments.plan import TEACHER, Row, Technique
from lab.training import architectures, finetuning, graph, narrowing, pruning
from lab.training.architectures.base import RANDOM
from lab.training.build import SEED
from lab.training.distilling import Distillation, distil
from lab.training.finetuning import Recipe
from lab.training.operators import layers_of
from lab.training.quantisation_aware import quantisation_aware
from visualsearch.inference.artefact import open_model


@dataclass(frozen=True, slots=True)
class Made:
    """The result of a technique: the served graph, its unfolded version if trained with batch norms, and card facts.

    `origins` are those of initial weights and data; None means those of the parent.
    """

    served: keras.Model
    recipe: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, object] | None = None
    unfolded: keras.Model | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def make_graph(row: Row, bench: Bench, work: Path) -> Made:
    """Return the graph of a row. `work` keeps its checkpoints. Raises ValueError if an input is missing."""
    return TECHNIQUES[row.technique](row, bench, work)


def _trained(row: Row, bench: Bench, work: Path) -> Made:
    recipe = Recipe(**row.recipe)
    architecture = architectures.named(recipe.architecture)
    weights = bench.weights_for(architecture.name)
    served = finetuning.fine_tune(bench.lessons, weights, work, recipe)
    built = graph.build_served(architecture.build(recipe.size), len(bench.labels))
    return Made(
        graph.fold(served) if weights == RANDOM else served,
        recipe=asdict(recipe),
        origins=bench.origins(weights, architecture.imagenet_origin),
        unfolded=served if weights == RANDOM else None,
        facts={"layers_before_folding": layers_of(built)},
    )


def _brought(row: Row, bench: Bench, _work: Path) -> Made:
    served, recipe, origins = bench.brought(row.options["network"])
    built = graph.build_served(architectures.named(recipe["architecture"]).build(recipe["size"]), len(bench.labels))
    return Made(graph.fold(served), recipe=recipe, origins=origins, facts={"layers_before_folding": layers_of(built)})


def _converted(row: Row, bench: Bench, _work: Path) -> Made:
    return Made(bench.served(_parent(row)), {"architecture": _architecture(row, bench), "seed": SEED})


def _unfolded(row: Row, bench: Bench, _work: Path) -> Made:
    served = bench.served(_parent(row), folded=False)
    return Made(served, {"architecture": _architecture(row, bench), "seed": SEED})


def _aware(row: Row, bench: Bench, work: Path) -> Made:
    recipe = _further(row, bench)
    served = graph.resized(bench.served(_parent(row)), recipe.size)
    finetuning.train(quantisation_aware(served), bench.lessons, bench.targets, work, recipe, started=True)
    return Made(served, recipe=asdict(recipe))


def _masked(row: Row, bench: Bench, work: Path) -> Made:
    recipe = _further(row, bench)
    served = graph.resized(bench.served(_parent(row)), recipe.size)
    gradual = pruning.GradualPruning(served, row.options["share"], bench.lessons.pictures, recipe.steps)
    if "loss" in row.options:
        distil(served, bench.lessons, _teaching(row, bench), work, recipe, started=True, after_step=gradual)
    else:
        finetuning.train(served, bench.lessons, bench.targets, work, recipe, started=True, after_step=gradual)
    return Made(served, asdict(recipe), facts={"zero_share": round(gradual.masks.share(), 4)})


def _narrowed(row: Row, bench: Bench, work: Path) -> Made:
    recipe = _further(row, bench)
    wide = graph.resized(bench.served(_parent(row)), recipe.size)
    served = narrowing.without_channels(wide, row.options["share"], bench.lessons.pictures)
    finetuning.train(served, bench.lessons, bench.targets, work, recipe, started=True)
    return Made(served, recipe=asdict(recipe), facts={"weights_kept": served.count_params() / wide.count_params()})


def _student(row: Row, bench: Bench, work: Path) -> Made:
    recipe = Recipe(**row.recipe)
    narrow, wide = architectures.named(recipe.architecture), architectures.named(row.options["wide"])
    weights = bench.weights_for(wide.name)
    backbone = narrowing.build_narrow(narrow, wide, weights, recipe.size, bench.lessons.pictures)
    served = graph.build_served(backbone, len(bench.labels), dropped=recipe.dropped)
    if "loss" in row.options:
        distil(served, bench.lessons, _teaching(row, bench), work, recipe, started=False)
    else:
        nothing = np.zeros((len(bench.lessons.pictures), 0), np.float32)
        finetuning.train(served, bench.lessons, nothing, work, recipe, started=False)
    known = f"the strongest channels of {wide.name}: {wide.imagenet_origin}"
    return Made(served, asdict(recipe), bench.origins(weights, known))


def _teaching(row: Row, bench: Bench) -> Distillation:
    return Distillation((open_model(bench.folder(TEACHER), interpreters=1),), **row.options["loss"])


def _further(row: Row, bench: Bench) -> Recipe:
    """Return the recipe for fine-tuning the parent's network."""
    return Recipe(**{"architecture": _architecture(row, bench), **row.recipe})


def _architecture(row: Row, bench: Bench) -> str:
    return str(bench.facts(_parent(row))["made"]["recipe"]["architecture"])


def _parent(row: Row) -> str:
    if row.parent is None:
        raise ValueError(f"The row {row.name} needs a parent: name it in the plan.")
    return row.parent


TECHNIQUES: Mapping[Technique, Callable[[Row, Bench, Path], Made]] = {
    "trained": _trained,
    "brought": _brought,
    "converted": _converted,
    "unfolded": _unfolded,
    "aware": _aware,
    "masked": _masked,
    "narrowed": _narrowed,
    "student": _student,
}
