"""Loading of model artefacts: reads the model card, verifies checksums, opens the model."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

from visualsearch.exceptions import ModelUnavailableError
from visualsearch.inference.colour import ColourModel
from visualsearch.inference.descriptor import Descriptor
from visualsearch.inference.garments import HEAD_FILE, DetectionSettings, GarmentHead
from visualsearch.inference.interpreters import Interpreters
from visualsearch.inference.litert import MODEL_FILE, LiteRTModel, Network
from visualsearch.inference.types import Card

CARD_FILE = "card.json"
LABELS_FILE = "labels.txt"
# Seconds after which a file that seems unchanged is read again: a disk may return other bytes than it was given.
REREAD_S = 600.0

# By file: inode, size, time and expected digest when it was read, when that was, and whether it was sound.
_sound: dict[Path, tuple[tuple[int, int, int, str], float, bool]] = {}


def open_model(folder: Path, *, fallback: bool = False, interpreters: int | None = None) -> LiteRTModel:
    """Return the model of an artefact's folder, after verifying every file's checksum.

    `interpreters` limits concurrent calls, by default to the number of processors. Raises ModelUnavailableError if a
    file is missing or does not have its checksum.
    """
    card = read_card(folder)
    check_files(folder, card, without=MODEL_FILE)
    file = folder / MODEL_FILE
    content = read_checked(file, card.files.get(MODEL_FILE))
    most = interpreters or os.cpu_count() or 1
    network = Network(content, file=file, interpreters=most)
    return LiteRTModel(card, Descriptor.load(folder), network, open_head(folder, card, most), fallback=fallback)


def open_head(folder: Path, card: Card, interpreters: int) -> GarmentHead | None:
    """Return the garment head of an artefact, None where it has none. Its files are verified."""
    if HEAD_FILE not in card.files:
        return None
    file = folder / HEAD_FILE
    content = read_checked(file, card.files[HEAD_FILE])
    return GarmentHead(Interpreters(content, file=file, most=interpreters), DetectionSettings.load(folder))


def open_colour_model(folder: Path) -> ColourModel:
    """Return the last fallback of an artefact: the colour part alone, which needs no network file."""
    card = read_card(folder)
    check_files(folder, card, without=MODEL_FILE)
    return ColourModel(card, Descriptor.load(folder), fallback=True)


def read_card(folder: Path) -> Card:
    """Return the model card, card.json. Raises ModelUnavailableError if it is missing or invalid."""
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
            vectors_a_photo=facts.get("vectors_a_photo", 1),
        )
    except OSError as error:
        raise ModelUnavailableError("model.no_card", folder=str(folder)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelUnavailableError("model.bad_card", file=str(file), error=repr(error)) from error


def check_files(folder: Path, card: Card, *, without: str = "") -> None:
    """Raise ModelUnavailableError unless every file of the card (except `without`) exists with its SHA-256."""
    for name, expected in card.files.items():
        if name != without:
            read_checked(folder / name, expected)


def wrong_files(folder: Path) -> list[Path]:
    """Return the files of an artefact that are missing or damaged; its card, if that cannot be read.

    Files are read again when they have changed, or after REREAD_S.
    """
    try:
        card = read_card(folder)
    except ModelUnavailableError:
        return [folder / CARD_FILE]
    return [folder / name for name, expected in card.files.items() if not is_sound(folder / name, expected)]


def is_sound(file: Path, expected: str) -> bool:
    """Return whether a file has its SHA-256, from memory if it was read lately and has not changed since."""
    try:
        status = file.stat()
        signature = (status.st_ino, status.st_size, status.st_mtime_ns, expected)
        known = _sound.get(file)
        if known is None or known[0] != signature or time.monotonic() - known[1] > REREAD_S:
            known = _sound[file] = (signature, time.monotonic(), sha256_of(file) == expected)
    except OSError:
        return False
    return known[2]


def read_checked(file: Path, expected: str | None) -> bytes:
    """Return a file's bytes. Raises ModelUnavailableError if they cannot be read or have another SHA-256."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelUnavailableError("model.not_read", file=str(file), error=str(error.strerror)) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected:
        raise ModelUnavailableError("model.wrong_file", file=str(file), sha256=digest)
    return content


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
