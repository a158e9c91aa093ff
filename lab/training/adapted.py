"""Artefacts whose network has learnt worn garments: they get a new version, with descriptor and garment head anew."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from pathlib import Path

import keras

from lab.evaluation.clothing import read_photos, split
from lab.evaluation.outfits import OUTFITS_ORIGIN, read_outfits, split_outfits
from lab.training import conversion, publishing
from lab.training.adapting import Adaptation, blend_weights, unpacked
from lab.training.build import representative
from lab.training.conversion import Kind
from lab.training.detecting import add_garments
from lab.training.options import NewVersion
from lab.training.packing import LEAST_SCORE, WEIGHTS, Pack, read_tagged, write_pack
from lab.training.publishing import Name
from lab.training.redescribing import KEPT, describe_anew
from lab.training.restoring import restore
from visualsearch.inference.artefact import open_head, open_model
from visualsearch.inference.garments import HEAD_FILE

FLOAT32: Kind = "float32"
INT8: Kind = "int8"


def pack_lessons(file: Path, new: NewVersion, outfits: Path) -> None:
    """Write a pack of all photos that train, and of the float32 artefact's weights, into `file`.

    The garment head finds the boxes of photos that have only tags.
    """
    model = open_model(new.folder, interpreters=1)
    labels = model.card.labels
    head = open_head(new.folder, model.card, 1)
    tagged = []
    if head is not None and (outfits / "tags.csv").exists():
        head.settings = replace(head.settings, least_score=LEAST_SCORE)
        tagged = read_tagged(model, head, outfits)
    _, street = split_outfits(read_outfits(outfits, labels))
    with tempfile.TemporaryDirectory() as made:
        weights = Path(made) / WEIGHTS
        restore(new.fallback, model.descriptor.settings.size).save_weights(weights)
        # Written beside and renamed: what was interrupted is no pack.
        part = file.with_suffix(".part")
        write_pack(part, labels, street, tagged, split(read_photos(new.data)).training, weights.read_bytes())
        part.replace(file)


def publish_adapted(
    served: keras.Model, pack: Pack, new: NewVersion, outfits: Path, recipe: Adaptation, *, share: float
) -> None:
    """Publish a trained graph as a new version of both artefacts, int8 and float32.

    `share` of its weights and the rest of the former ones are served. Descriptor and garment head are fitted anew: on
    the new feature maps the former head misses garments.
    """
    old, stand_in = open_model(new.folder, interpreters=1), open_model(new.fallback, interpreters=1)
    size, framing = old.descriptor.settings.size, old.descriptor.settings.framing
    blend_weights(served, unpacked(pack, size), share)
    photos = split(read_photos(new.data)).training
    adapted = {
        "recipe": asdict(recipe),
        "origin": OUTFITS_ORIGIN,
        "street_photos": len(pack.street),
        "tagged_photos": len(pack.tagged),
        "photos": len(pack.single),
        "weights": f"{share:g} × adapted + {1 - share:g} × before",
    }
    with tempfile.TemporaryDirectory() as made:
        for at, model, kind in ((new.fallback, stand_in, FLOAT32), (new.folder, old, INT8)):
            file = Path(made) / f"{kind}.tflite"
            pixels = representative(photos, size, framing) if kind == INT8 else None
            conversion.convert(served, kind, pixels, file)
            facts = {key: model.card.facts[key] for key in KEPT if key in model.card.facts}
            made_before = dict(model.card.facts.get("made", {}))  # type: ignore[call-overload]  # a card is JSON
            facts |= {"made": {**made_before, "adapted": adapted}, "space": f"{stand_in.card.name}/{new.version}"}
            publishing.publish(
                at, Name(model.card.name, new.version), file.read_bytes(), model.descriptor, model.card.labels, facts
            )
            # describe_anew() would publish the former head with it.
            (at / HEAD_FILE).unlink(missing_ok=True)
    describe_anew(replace(new, measured=False))
    add_garments(new, outfits)
