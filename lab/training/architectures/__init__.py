"""Registry of efficient CNN architectures by name. Each takes (n, size, size, 3) float32 images in −1..1."""

from __future__ import annotations

from lab.training.architectures.base import Architecture
from lab.training.architectures.efficientnet import EFFICIENTNETS
from lab.training.architectures.mobilenet import MOBILENETS
from lab.training.architectures.squeezenet import SqueezeNet

ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture for architecture in (*MOBILENETS, *EFFICIENTNETS, SqueezeNet())
}
DEFAULT = "mobilenetv2"


def named(name: str) -> Architecture:
    """Return the architecture of that name. Raises ValueError, listing the known names, if there is none."""
    try:
        return ARCHITECTURES[name]
    except KeyError:
        raise ValueError(f"There is no architecture {name!r}. Choose one of {', '.join(ARCHITECTURES)}.") from None
