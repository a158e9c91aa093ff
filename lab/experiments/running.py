"""Runs experiments: graph, .tflite file, descriptor, evaluation, card. Finished rows stay; failures are isolated."""

from __future__ import annotations

import fcntl
import json
import logging
import signal
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras

from catalogue.progress import progress_bar
from lab.evaluation.cases import Cases
from lab.evaluation.protocol import judge_all
from lab.experiments.bench import FRAMING, UNFOLDED_FILE, Bench
from lab.experiments.places import FLOAT32_FILE
from lab.experiments.plan import TOLD, Row
from lab.experiments.techniques import Made, make_graph
from lab.training import graph, publishing
from lab.training.build import SERVED_FILE, settings_for
from lab.training.conversion import convert
from lab.training.describing import fit_descriptor
from lab.training.operators import layers_of, operators_of
from visualsearch.inference.descriptor import Descriptor
from visualsearch.inference.litert import MODEL_FILE, LiteRTModel, Network
from visualsearch.inference.types import Model

MADE_FILE = "made.json"
SPENT_FILE = "spent.json"
VERSION = "1"

logger = logging.getLogger(__name__)


def run_rows(rows: Sequence[Row], bench: Bench) -> list[str]:
    """Run the rows in order and return the names of those that failed. Finished rows are skipped."""
    failed: list[str] = []
    for row in progress_bar(rows, desc="Laboratory", unit="row"):
        try:
            with locked(bench.work(row.name)):
                run_row(row, bench)
        except Exception:
            # A failure of one row must not stop the others.
            logger.exception("The row %s failed.", row.name)
            failed.append(row.name)
        keras.backend.clear_session()
    return failed


def run_row(row: Row, bench: Bench) -> None:
    """Run a row unless it is finished. Raises ValueError if its plan has changed since, or its parent is missing."""
    plan = asdict(row)
    facts = bench.facts(row.name)
    if facts:
        if _making(facts["lab"]["plan"]) != _making(plan):
            raise ValueError(
                f"{bench.folder(row.name)} was made by another plan. Remove the folder, or name another one."
            )
        return
    if row.parent and not bench.facts(row.parent):
        raise ValueError(f"{row.name} comes from {row.parent}, which is not finished.")
    work = bench.work(row.name)
    with spending(work / SPENT_FILE):
        served, made = _graph_of(row, bench, work)
        model, facts = _publish(row, bench, graph.resized(served, row.size), made)
        cases = judge(model, bench)
    facts["measured"] = cases.report().as_dict()
    facts["lab"] |= {
        "plan": plan,
        "command": bench.places.command_for(row.name),
        "core_seconds": json.loads((work / SPENT_FILE).read_text())["core_seconds"],
        "cases": cases.as_dict(),
    }
    publishing.write_card(bench.folder(row.name), facts)


def _making(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a plan's row that determine the artefact, with JSON types."""
    kept: dict[str, Any] = json.loads(json.dumps({key: value for key, value in plan.items() if key not in TOLD}))
    return kept


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on a folder; other processes wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def spending(file: Path) -> Iterator[None]:
    """Add the CPU seconds of this process within the block to those in a file, even on interruption."""
    before = json.loads(file.read_text())["core_seconds"] if file.exists() else 0.0
    started = time.process_time()
    # SIGTERM raises KeyboardInterrupt, so that the finally block runs.
    handler = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)
        file.write_text(json.dumps({"core_seconds": round(before + time.process_time() - started, 1)}))


def judge(model: Model, bench: Bench) -> Cases:
    """Return the per-case results of a model on all evaluation data."""
    return judge_all(model, bench.places.data, bench.queries, bench.places.luma)


def _graph_of(row: Row, bench: Bench, work: Path) -> tuple[keras.Model, dict[str, Any]]:
    """Return a row's graph and its card's facts on the training; both are cached on disk."""
    file, facts_file = bench.folder(row.name) / SERVED_FILE, work / MADE_FILE
    if facts_file.exists():
        return keras.models.load_model(file), json.loads(facts_file.read_text())
    made = make_graph(row, bench, work)
    if made.unfolded is not None:
        made.unfolded.save(bench.folder(row.name) / UNFOLDED_FILE)
    made.served.save(file)
    facts = _facts_of(row, bench, made)
    facts_file.write_text(json.dumps(facts))
    return made.served, facts


def _facts_of(row: Row, bench: Bench, made: Made) -> dict[str, Any]:
    """Return the card's facts on a row's recipe, initial weights, data and layers."""
    parent = bench.facts(row.parent or "")
    origins = made.origins or {key: parent[key] for key in ("initial_weights", "data")}
    return {
        "made": {
            "how": row.technique,
            "recipe": dict(made.recipe),
            "tensorflow": version("tensorflow"),
            "keras": version("keras"),
        },
        **origins,
        "lab": {**made.facts, "layers": layers_of(made.served)},
    }


def _publish(row: Row, bench: Bench, served: keras.Model, facts: dict[str, Any]) -> tuple[Model, dict[str, Any]]:
    """Write a row's artefact, and return its model and its card without the evaluation."""
    folder, file = bench.folder(row.name), bench.work(row.name) / MODEL_FILE
    convert(served, row.kind, bench.representative(row.size) if row.kind == "int8" else None, file, sparse=row.sparse)
    content = file.read_bytes()
    network = Network(content, file=file, interpreters=1)
    kept = _kept_descriptor(row, bench, served)
    descriptor = (
        kept or fit_descriptor(network, bench.fitted, bench.labels, settings_for(served, row.size, FRAMING)).descriptor
    )
    space = {"space": bench.facts(row.parent)["space"]} if kept and row.parent else {}
    float32 = bench.facts(row.parent)["lab"]["float32"] if kept and row.parent else row.name
    if float32 == row.name:
        convert(served, "float32", None, folder / FLOAT32_FILE)
    facts = facts | space
    facts["lab"] |= {
        "float32": float32,
        "operators": operators_of(content),
        "compressed_bytes": len(zlib.compress(content, 9)),
    }
    model = publishing.publish(folder, publishing.Name(row.name, VERSION), content, descriptor, bench.labels, facts)
    facts = dict(model.card.facts)
    facts["cosine_with_float32"] = publishing.agreement(
        model, float32_model(model, bench.folder(float32)), bench.photos.calibration[: publishing.AGREEMENT_PHOTOS]
    )
    return model, facts


def float32_model(model: Model, folder: Path) -> Model:
    """Return the float32 network in a row's folder as a model with the card and descriptor of `model`."""
    file = folder / FLOAT32_FILE
    return LiteRTModel(model.card, model.descriptor, Network(file.read_bytes(), file=file, interpreters=1))


def _kept_descriptor(row: Row, bench: Bench, served: keras.Model) -> Descriptor | None:
    """Return the descriptor of the row's parent, if the row derives from its network and has as many features."""
    if row.parent is None or row.technique == "student":
        return None
    descriptor = bench.descriptor(row.parent)
    return descriptor if len(descriptor.projection.shape_mean) == served.output[1].shape[-1] else None
