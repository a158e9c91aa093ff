"""A descriptor fitted anew for networks that are trained already: their artefacts get a new version."""

from __future__ import annotations

from dataclasses import replace

from lab.evaluation.clothing import read_photos, split
from lab.training import publishing
from lab.training.describing import fit_descriptor, settings_of
from lab.training.options import NewVersion
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


def describe_anew(new: NewVersion) -> None:
    """Fit a descriptor for the network in `new.folder` and publish it there as a new version.

    The artefact in `new.fallback`, whose network is the same in float32, gets the same descriptor, so that both go on
    sharing one vector space. The fit uses the network that serves: what it sees is what is searched.
    """
    photos = split(read_photos(new.data))
    old, stand_in = open_model(new.folder, interpreters=1), open_model(new.fallback, interpreters=1)
    labels = old.card.labels
    file = new.folder / MODEL_FILE
    before = old.descriptor.settings
    settings = settings_of(before.size, before.framing, before.parts)
    network = Network(file.read_bytes(), file=file, interpreters=1)
    fit = fit_descriptor(network, photos, labels, settings)
    space = f"{stand_in.card.name}/{new.version}"
    for artefact in (stand_in, old):
        at = new.fallback if artefact is stand_in else new.folder
        facts = {key: artefact.card.facts[key] for key in KEPT if key in artefact.card.facts} | {"space": space}
        descriptor = fit.descriptor
        if artefact is stand_in:
            # Its probabilities are its own: only the vectors are shared.
            temperature = artefact.descriptor.settings.temperature
            descriptor = type(descriptor)(replace(descriptor.settings, temperature=temperature), descriptor.projection)
        content = (at / MODEL_FILE).read_bytes()
        publishing.publish(
            at, Name(artefact.card.name, new.version), content, descriptor, labels, facts, head=publishing.Head.of(at)
        )
    if new.measured:
        measure_anew(new)


def measure_anew(new: NewVersion) -> None:
    """Write measured quality and latency into the cards of an artefact and of its float32 stand-in."""
    calibration = split(read_photos(new.data)).calibration
    stand_in = open_model(new.fallback, interpreters=1)
    for at in (new.fallback, new.folder):
        model = stand_in if at is new.fallback else open_model(at, interpreters=1)
        facts = publishing.facts_of(model, None if model is stand_in else stand_in, calibration)
        measured = publishing.measure(model, new.data, new.luma, new.outfits)
        publishing.write_card(at, {**model.card.facts, **facts, "measured": measured})
