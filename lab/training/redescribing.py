"""A descriptor fitted anew for networks that are trained already: their artefacts get a new version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lab.evaluation.clothing import read_photos, split
from lab.training import publishing
from lab.training.describing import fit_descriptor, settings_of
from lab.training.publishing import Name
from visualsearch.inference.artefact import open_model
from visualsearch.inference.litert import MODEL_FILE, Network

# Facts of a card that go on being true of the network.
KEPT = (
    "made",
    "initial_weights",
    "data",
    "framings_on_calibration_photos",
    "float32_artefact",
)


def describe_anew(
    folder: Path, fallback: Path, version: str, data: Path, luma: Path | None, *, measured: bool = True
) -> None:
    """Fit a descriptor for the network in `folder` and publish it there as a new version.

    With its measured quality, unless something else changes before it is complete.

    The artefact in `fallback`, whose network is the same in float32, gets the same descriptor, so that both go on
    sharing one vector space. The fit uses the network that serves: what it sees is what is searched.
    """
    photos = split(read_photos(data))
    old, stand_in = open_model(folder, interpreters=1), open_model(fallback, interpreters=1)
    labels = old.card.labels
    file = folder / MODEL_FILE
    before = old.descriptor.settings
    settings = settings_of(before.size, before.framing, before.parts)
    network = Network(file.read_bytes(), file=file, interpreters=1)
    fit = fit_descriptor(network, photos, labels, settings)
    space = f"{stand_in.card.name}/{version}"
    for artefact in (stand_in, old):
        at = fallback if artefact is stand_in else folder
        facts = {key: artefact.card.facts[key] for key in KEPT if key in artefact.card.facts} | {"space": space}
        descriptor = fit.descriptor
        if artefact is stand_in:
            # Its probabilities are its own: only the vectors are shared.
            temperature = artefact.descriptor.settings.temperature
            descriptor = type(descriptor)(replace(descriptor.settings, temperature=temperature), descriptor.projection)
        content = (at / MODEL_FILE).read_bytes()
        publishing.publish(
            at, Name(artefact.card.name, version), content, descriptor, labels, facts, head=publishing.Head.of(at)
        )
    if measured:
        measure_anew(folder, fallback, data, luma, None)


def measure_anew(folder: Path, fallback: Path, data: Path, luma: Path | None, outfits: Path | None) -> None:
    """Write measured quality and latency into the cards of an artefact and of its float32 stand-in."""
    calibration = split(read_photos(data)).calibration
    stand_in = open_model(fallback, interpreters=1)
    for at in (fallback, folder):
        model = stand_in if at is fallback else open_model(at, interpreters=1)
        facts = dict(model.card.facts)
        if at is folder:
            facts["cosine_with_float32"] = publishing.agreement(
                model, stand_in, calibration[: publishing.AGREEMENT_PHOTOS]
            )
        facts["measured"] = publishing.measure(model, data, luma, outfits)
        facts["latency"] = publishing.time_photos(model, calibration)
        publishing.write_card(at, facts)
