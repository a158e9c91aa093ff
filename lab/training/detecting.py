"""A garment head for networks that are trained already: their artefacts get a new version."""

from __future__ import annotations

from pathlib import Path

from lab.evaluation.clothing import read_photos, split
from lab.evaluation.outfits import OUTFITS_ORIGIN, read_outfits, split_outfits
from lab.training import publishing
from lab.training.garment_head import convert_head, see, train_head, with_maps
from lab.training.options import NewVersion
from lab.training.publishing import Head, Name
from lab.training.redescribing import KEPT, measure_anew
from visualsearch.inference.artefact import open_model
from visualsearch.inference.garments import DetectionSettings
from visualsearch.inference.litert import MODEL_FILE, Network


def add_garments(new: NewVersion, outfits: Path, *, seed: int = 7) -> None:
    """Train a garment head for the network in `new.folder`, by street photos, and publish it there as a new version.

    The artefact in `new.fallback`, whose network is the same in float32, gets the same head. Vectors stay comparable:
    the network and the descriptor do not change.
    """
    old = open_model(new.folder, interpreters=1)
    labels = old.card.labels
    file = new.folder / MODEL_FILE
    network = Network(with_maps(file.read_bytes()), file=file, interpreters=1)
    _, training = split_outfits(read_outfits(outfits, labels))
    photos = [photo for photo in split(read_photos(new.data)).training if photo.category]
    views = see(network, training, photos, old.descriptor.settings.size, seed)
    head = Head(convert_head(train_head(views, labels, seed)), DetectionSettings())
    learnt = {"origin": OUTFITS_ORIGIN, "street_photos": len(training), "views": len(views.garments)}
    for at in (new.fallback, new.folder):
        artefact = open_model(at, interpreters=1)
        facts = {key: artefact.card.facts[key] for key in KEPT if key in artefact.card.facts}
        facts |= {"space": artefact.card.space, "garments_learnt_from": learnt}
        content = with_maps((at / MODEL_FILE).read_bytes())
        publishing.publish(
            at, Name(artefact.card.name, new.version), content, artefact.descriptor, labels, facts, head=head
        )
    if new.measured:
        measure_anew(new)
