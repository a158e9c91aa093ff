"""Decodes one picture from standard input to standard output, within limits of memory and processor time.

Written first is a line of JSON: the seconds of processor time that it took; and the sizes of the result and of the
picture itself, or the error's class and message. Then the pixels, RGB. Run by `child.py`, by path.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import types
from pathlib import Path
from typing import Any

_PROCESSOR_S = 10
_NICENESS = 10
# Of the address space, beside what decoding takes: libraries that are opened late, and stacks of their threads.
_SPARE_BYTES = 150_000_000


def main(name: str, options: dict[str, Any]) -> None:
    _import_without_clients()
    from PIL import AvifImagePlugin  # noqa: PLC0415  (once the path is set)

    from catalogue.exceptions import ImageError, ImageTooLargeError  # noqa: PLC0415  (as above)
    from catalogue.imaging.decoding import decode, open_file  # noqa: PLC0415  (as above)
    from catalogue.imaging.heic import decode_heic  # noqa: PLC0415  (as above)
    from catalogue.imaging.limits import Limits  # noqa: PLC0415  (as above)

    # Each thread would have an address space of its own.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    limits, target = Limits(**options["limits"]), options["target"]
    content = sys.stdin.buffer.read()
    _limit(limits.max_memory)
    try:
        if name == "HEIC":
            picture, size = decode_heic(content, limits=limits, target=target)
        else:
            opened = open_file(content, name, limits=limits, target=target)
            picture, size = decode(opened, content, name, limits=limits, target=target)
        answer: dict[str, Any] = {"size": picture.size, "own_size": size}
        pixels = picture.tobytes()
    except ImageError as error:
        answer, pixels = {"error": type(error).__name__, "message": error.message.as_json()}, b""
    except MemoryError:
        too_costly = ImageTooLargeError("image.too_costly")
        answer, pixels = {"error": type(too_costly).__name__, "message": too_costly.message.as_json()}, b""
    head = json.dumps({"seconds": time.process_time(), **answer}).encode()
    sys.stdout.buffer.write(head + b"\n")
    sys.stdout.buffer.write(pixels)


def _limit(memory: int) -> None:
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    most = held + memory + _SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_S, _PROCESSOR_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Whoever waits for an ordinary search goes first.
    os.nice(_NICENESS)


def _import_without_clients() -> None:
    """Have `catalogue.imaging` be a package without its own imports: HTTP clients, which take 0.2 s."""
    folder = Path(__file__).resolve().parent
    sys.path.insert(0, str(folder.parents[1]))
    package = types.ModuleType("catalogue.imaging")
    package.__path__ = [str(folder)]
    sys.modules[package.__name__] = package


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
