"""Command-line options of the commands that make models. Imports no TensorFlow, so that --help is fast."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.evaluation.clothing import Split
from visualsearch.inference.artefact import sha256_of


@dataclass(frozen=True, slots=True)
class Sources:
    """Training data and initial weights of an artefact, with their origin and licence as its card states them."""

    data: Path
    weights: str
    data_origin: str
    weights_origin: str | None = None
    luma: Path | None = None

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Sources:
        """Return the sources named by a command's options."""
        return cls(
            options["data"], options["weights"], options["data_origin"], options["weights_origin"], options["luma"]
        )

    def facts(self, photos: Split, imagenet_origin: str) -> dict[str, object]:
        """Return the sources as a model card states them."""
        weights = Path(self.weights)
        return {
            "initial_weights": {
                "file": weights.name,
                "sha256": sha256_of(weights) if weights.is_file() else None,
                "origin": self.weights_origin or {"imagenet": imagenet_origin}.get(self.weights, ""),
            },
            "data": {
                "origin": self.data_origin,
                "split": "contributors in the order of their names' sha256: the first judge, the next calibrate",
                "training_photos": len(photos.training),
                "calibration_photos": len(photos.calibration),
                "held_out_photos": len(photos.judging),
            },
        }


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be made of two trained artefacts: `folder` holds the int8 one, `fallback` its float32 stand-in.

    Where labelled photos, Luma's, and street photos lie; and whether the cards get measured quality.
    """

    folder: Path
    fallback: Path
    version: str
    data: Path
    luma: Path | None = None
    outfits: Path | None = None
    measured: bool = True

    @classmethod
    def from_options(cls, options: dict[str, Any], shipped: Path) -> NewVersion:
        """Return the version that a command's options ask for; with --output of copies of those in `shipped`.

        Raises OSError if one is missing.
        """
        root: Path | None = options["output"]
        names = options["name"], options["float32"]
        if root is not None:
            for name in names:
                shutil.copytree(shipped / name, root / name, dirs_exist_ok=True)
        folder, fallback = ((root or shipped) / name for name in names)
        return cls(
            folder,
            fallback,
            options["model_version"],
            options["data"],
            options["luma"],
            options.get("outfits"),
            not options["unmeasured"],
        )


def add_arguments(parser: ArgumentParser, *, artefact: str) -> None:
    """Add the shared options. `artefact` is the default name of the artefact."""
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="photos.csv and images/")
    parser.add_argument("--luma", type=Path, metavar="DIR", help="Luma's sample photos, to measure recall on them too")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keeps checkpoints and weights, outside the artefact")
    parser.add_argument("--name", default=artefact, help="the artefact's name (default: %(default)s)")
    parser.add_argument("--model-version", default="1", help="its version (default: %(default)s)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="its folder (default: among the shipped ones)")


def add_anew_arguments(parser: ArgumentParser, *, artefact: str, float32: str) -> None:
    """Add the options of commands that make a new version of trained networks; defaults name the two artefacts."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="labelled photos")
    parser.add_argument("--luma", type=Path, metavar="DIR", help="Luma's sample photos, to measure by")
    parser.add_argument("--model-version", required=True, metavar="VERSION", help="of the artefacts that are made")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="make both in folders there; those that ship stay as they are"
    )
    parser.add_argument(
        "--unmeasured", action="store_true", help="leave figures out of the cards; evaluate_model --card adds quality"
    )
    parser.add_argument("--name", default=artefact, metavar="NAME", help="(%(default)s)")
    parser.add_argument("--float32", default=float32, metavar="NAME", help="(%(default)s)")
