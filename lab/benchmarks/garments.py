"""`benchmark garments`: what detecting garments costs compared with one run of the network, in processor time."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import CommandError, CommandParser, OutputWrapper

from catalogue.imaging import read_image
from lab.benchmarks.load import said
from lab.benchmarks.serving.machine import machine
from lab.benchmarks.serving.photos import browser_photos
from visualsearch.inference.artefact import open_head, read_card
from visualsearch.inference.letterbox import frame
from visualsearch.inference.litert import MODEL_FILE, Network

HELP = "What detecting a photo's garments costs compared with one run of the network, in processor time."
# Network and detection together, in runs of the network alone.
GOAL = 1.5
WARM_UP = 3


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--photos", type=Path, help="folder of photos; drawn articles without")
    parser.add_argument("--count", type=int, default=200, help="photos that are looked at, one at a time (200)")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    out.write(machine())
    photos = [read_image(photo) for photo in browser_photos(options["photos"], options["count"])]
    ratios = []
    out.write(f"{'model':12s}{'network ms':>12s}{'detection ms':>14s}{'both : network':>16s}{'garments':>10s}")
    for name in ("NAME", "FALLBACK"):
        folder = settings.ARTEFACTS_DIR / settings.VISUAL_MODEL[name]
        card = read_card(folder)
        head = open_head(folder, card, 1)
        if head is None:
            raise CommandError(f"{card.name} detects no garments.")
        file = folder / MODEL_FILE
        network = Network(file.read_bytes(), file=file, interpreters=1)
        size, alone, detecting, found = int(str(card.facts["input_size"])), [], [], []
        for photo in photos[:WARM_UP] + photos:
            pixels = frame(photo, size, "letterbox")[None]
            # In turns, so that what else the machine does touches both alike.
            started = time.process_time()
            *_, middle, last = network.run(pixels)
            between = time.process_time()
            detections = head.detect(middle[0], last[0])
            alone.append(between - started)
            detecting.append(time.process_time() - between)
            found.append(len(detections))
        network_ms, detecting_ms = (1000 * statistics.median(times[WARM_UP:]) for times in (alone, detecting))
        ratios.append((network_ms + detecting_ms) / network_ms)
        label = "int8" if "int8" in card.name else "float32"
        out.write(
            f"{label:12s}{network_ms:12.1f}{detecting_ms:14.1f}{ratios[-1]:16.2f}{np.mean(found[WARM_UP:]):10.1f}"
        )
    out.write(said(f"both in {GOAL:g} runs of the network at most", ratios[0] <= GOAL, f"{ratios[0]:.2f}, int8"))
