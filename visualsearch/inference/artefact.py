"""An artefact's folder on disk: its card, its checksums, and the model in it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from visualsearch.exceptions import ModelUnavailableError
from visualsearch.inference.colour import ColourModel
from visualsearch.inference.descriptor import Descriptor
from visualsearch.inference.litert import MODEL_FILE, LiteRTModel, Network
from visualsearch.inference.types import Card

CARD_FILE = "card.json"
LABELS_FILE = "labels.txt"
CURE = "Install the package again, or make the model again with train_model and quantise_model."


def open_model(folder: Path, *, fallback: bool = False, interpreters: int | None = None) -> LiteRTModel:
    """Return the model of an artefact's folder, every file checked against its card.

    `interpreters` limits the calls that run at once, by default one a processor. Raises ModelUnavailableError if a file
    is missing or not the one of the card.
    """
    card = read_card(folder)
    check_files(folder, card, without=MODEL_FILE)
    file = folder / MODEL_FILE
    content = read_checked(file, card.files.get(MODEL_FILE))
    network = Network(content, file=file, interpreters=interpreters or os.cpu_count() or 1)
    return LiteRTModel(card, Descriptor.load(folder), network, fallback=fallback)


def open_colour_model(folder: Path) -> ColourModel:
    """Return the last fallback for an artefact's vectors: the colour part alone, without the network's file."""
    card = read_card(folder)
    check_files(folder, card, without=MODEL_FILE)
    return ColourModel(card, Descriptor.load(folder), fallback=True)


def read_card(folder: Path) -> Card:
    """Return what card.json says. Raises ModelUnavailableError if it is missing or is no card."""
    file = folder / CARD_FILE
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        return Card(
            name=facts["name"],
            version=facts["version"],
            space=facts["space"],
            dimensions=facts["dimensions"],
            labels=tuple(facts["labels"]),
            files=facts["files"],
            facts=facts,
        )
    except OSError as error:
        raise ModelUnavailableError("model.no_card", folder=str(folder)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelUnavailableError("model.bad_card", file=str(file), error=repr(error)) from error


def check_files(folder: Path, card: Card, *, without: str = "") -> None:
    """Raise ModelUnavailableError unless every file of the card (but `without`) is there with its sha256."""
    for name, expected in card.files.items():
        if name != without:
            read_checked(folder / name, expected)


def read_checked(file: Path, expected: str | None) -> bytes:
    """Return a file's bytes. Raises ModelUnavailableError if they cannot be read or have not the expected sha256."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelUnavailableError("model.not_read", file=str(file), error=str(error.strerror)) from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ModelUnavailableError("model.wrong_file", file=str(file), sha256=found)
    return content


def sha256_of(file: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
