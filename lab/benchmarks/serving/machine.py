"""A description of the machine on which figures were measured."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path


def machine() -> str:
    """Return a line with processor, cores, load average before the run, and the time."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((text.split(": ")[1] for text in lines if text.startswith("model name")), platform.machine())
    load = os.getloadavg()[0]
    return (
        f"{processor}, {os.cpu_count()} cores, load {load:.1f} before the run; Python {platform.python_version()}; "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    )
