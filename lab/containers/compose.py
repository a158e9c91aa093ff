"""compose.yaml, as the trial and the tests read it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
# What whoever starts the set says in .env; the rest has defaults.
SAID = {"SHOP_SECRET_KEY": "secret" * 10, "SHOP_ALLOWED_HOSTS": "shop.example", "SERVICES_PASSWORD": "letters"}
# What a service of the shop is made of, as the trial starts it. What is new here must be started, too.
KEYS = {
    "build",
    "image",
    "command",
    "environment",
    "volumes",
    "depends_on",
    "healthcheck",
    "read_only",
    "cap_drop",
    "security_opt",
    "restart",
    "stop_grace_period",
    "ports",
}


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the shop. `volumes` has the name of the volume of each folder of the container, empty for none."""

    name: str
    command: list[str]
    environment: dict[str, str]
    volumes: dict[str, str]
    health: list[str]
    waits_for: frozenset[str]
    read_only: bool
    stops_within_s: float


def read() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def image_name() -> str:
    return str(read()["services"]["web"]["image"])


def interpolated(text: str, said: Mapping[str, str] = SAID) -> str:
    """Return a text of compose.yaml as Compose hands it on: variables filled in, dollars single.

    Raises ValueError for a variable that has no default and is not said.
    """

    def fill(found: re.Match[str]) -> str:
        name, default = found["name"], found["default"]
        if default is None and name not in said:
            raise ValueError(f"{name} has no default, and is not said.")
        return said.get(name, default or "")

    filled = re.sub(r"(?<!\$)\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}", fill, text)
    return filled.replace("$$", "$")


def services_of_shop(said: Mapping[str, str] = SAID) -> dict[str, Service]:
    """Return the services that run the shop's image, in the order of the file.

    Raises ValueError for a key that the trial does not know how to start.
    """
    found = {}
    for name, raw in read()["services"].items():
        if "build" not in raw:
            continue
        if unknown := set(raw) - KEYS:
            raise ValueError(f"{name} has {', '.join(sorted(unknown))}, which the trial does not start.")
        volumes = [volume.rpartition(":") for volume in raw["volumes"]]
        kind, *check = raw.get("healthcheck", {}).get("test", ["CMD"])
        if kind != "CMD":
            raise ValueError(f"The health check of {name} is not a CMD.")
        found[name] = Service(
            name=name,
            command=shlex.split(interpolated(raw["command"], said)),
            environment={key: interpolated(str(value), said) for key, value in raw["environment"].items()},
            volumes={where: volume for volume, _, where in volumes},
            health=[interpolated(part, said) for part in check],
            waits_for=frozenset(raw.get("depends_on", {})),
            read_only=bool(raw.get("read_only")),
            stops_within_s=float(raw["stop_grace_period"].removesuffix("s")),
        )
    return found
