"""Latency measurement of all rows, interleaved in rounds, so that background load affects all rows alike."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from catalogue.progress import progress_bar
from lab.drawings.assortment import ASSORTMENT
from lab.drawings.draw import draw
from lab.experiments.cards import RowCard, read_cards
from lab.experiments.places import FLOAT32_FILE
from lab.training.publishing import write_card
from visualsearch.inference.artefact import open_model
from visualsearch.inference.letterbox import frame
from visualsearch.inference.litert import BATCH_PHOTOS, MODEL_FILE, Network
from visualsearch.inference.types import Model

# The size of a phone's photo after the browser has scaled it down.
SIZE = (576, 768)

Timed = dict[str, Callable[[], object]]


def time_rows(folder: Path, *, rounds: int) -> list[RowCard]:
    """Time all finished rows of a folder in one run, write the figures into their cards, and return the cards."""
    cards = read_cards(folder)
    pictures = [draw(article, 0, size=SIZE) for article in ASSORTMENT[:BATCH_PHOTOS]]
    timed: Timed = {}
    for card in cards:
        timed |= _row(card, pictures)
        timed |= _float32(card, folder, pictures)
    medians = _medians_ms(timed, rounds)
    run = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "rounds": rounds, "machine": platform.machine()}
    for card in cards:
        lab = card.lab | {"timing": run | _figures(card, medians)}
        write_card(card.folder, {**card.facts, "lab": lab})
    return read_cards(folder)


def _row(card: RowCard, pictures: Sequence[Image.Image]) -> Timed:
    """Return the timed calls of a row: from photo to vector, and the network alone, each for one photo and a batch."""
    model: Model = open_model(card.folder, interpreters=1)
    return {
        f"{card.name} photo": lambda: model.embed(pictures[:1]),
        f"{card.name} photos": lambda: model.embed(pictures),
        **_network(card.name, card.folder / MODEL_FILE, model.descriptor.settings.size, pictures),
    }


def _float32(card: RowCard, folder: Path, pictures: Sequence[Image.Image]) -> Timed:
    """Return the timed calls of the float32 network that is a row's baseline."""
    file = folder / card.lab["float32"] / FLOAT32_FILE
    return _network(f"{card.lab['float32']} float32", file, card.facts["input_size"], pictures)


def _network(name: str, file: Path, size: int, pictures: Sequence[Image.Image]) -> Timed:
    # One interpreter per batch size, since resizing its input takes time that is not inference.
    one, several = (Network(file.read_bytes(), file=file, interpreters=1) for _ in range(2))
    pixels = np.stack([frame(picture, size, "letterbox") for picture in pictures])
    return {f"{name} one": lambda: one.run(pixels[:1]), f"{name} batch": lambda: several.run(pixels)}


def _medians_ms(timed: Timed, rounds: int) -> dict[str, float]:
    """Return the median duration of each call in ms, by its name, after one warm-up call."""
    times: dict[str, list[float]] = {name: [] for name in timed}
    for call in timed.values():
        call()
    for _ in progress_bar(range(rounds), desc="Timing", unit="round"):
        for name, call in timed.items():
            started = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - started)
    return {name: 1000 * statistics.median(seconds) for name, seconds in times.items()}


def _figures(card: RowCard, medians: dict[str, float]) -> dict[str, Any]:
    name, float32 = card.name, f"{card.lab['float32']} float32"
    batch = medians[f"{name} photos"]
    figures = {
        "one_photo_ms": medians[f"{name} photo"],
        f"batch_of_{BATCH_PHOTOS}_ms_a_photo": batch / BATCH_PHOTOS,
        "photos_a_second": 1000 * BATCH_PHOTOS / batch,
        "network_one_ms": medians[f"{name} one"],
        "network_batch_ms_a_photo": medians[f"{name} batch"] / BATCH_PHOTOS,
        "times_as_fast_as_float32": medians[f"{float32} one"] / medians[f"{name} one"],
        "times_as_fast_as_float32_in_batches": medians[f"{float32} batch"] / medians[f"{name} batch"],
    }
    return {name: round(value, 2) for name, value in figures.items()}
