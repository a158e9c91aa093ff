"""Paths of the experiments' inputs and outputs. Imports no TensorFlow, so that --help is fast."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FETCHED = "imagenet"
DRAWN = "drawn by this project"
# The float32 reference of a network, in the folder of the first row that has this network.
FLOAT32_FILE = "float32.tflite"


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of inputs and outputs.

    `weights` are MobileNetV2's initial ones; `shipped` and `teacher` are the --work folders where train_model saved
    these networks.
    """

    data: Path
    output: Path
    luma: Path | None = None
    queries: Path | None = None
    weights: str = FETCHED
    shipped: Path | None = None
    teacher: Path | None = None
    data_origin: str = ""
    weights_origin: str | None = None

    def command_for(self, row: str) -> str:
        """Return the command that reproduces a row, with the names of its inputs but not their folders."""
        named = {
            "data": self.data,
            "luma": self.luma,
            "weights": self.weights,
            "shipped": self.shipped,
            "teacher": self.teacher,
        }
        if self.data_origin == DRAWN:
            return f"python manage.py lab run {row} --tiny"
        given = {name: Path(value).name for name, value in named.items() if value is not None and value != FETCHED}
        return " ".join([f"python manage.py lab run {row}", *(f"--{name} {value}" for name, value in given.items())])
