"""Decodes one HEIC picture from standard input to standard output: a line with mode, width, height and the length of
the ICC profile in bytes; then the profile; then the pixels.

Run by `heic.py`, by path, so that nothing of the project is imported: starting takes 0.1 s.
"""

from __future__ import annotations

import importlib
import io
import resource
import sys

TOO_LARGE, UNREADABLE = 3, 4
_MEMORY_BYTES = 2 << 30
_CPU_S = 20


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Imported after the limits are set, and by name: the dependency is optional, also for type checkers.
    heif = importlib.import_module("pi_heif")

    max_pixels = int(sys.argv[1])
    try:
        picture = heif.HeifImageFile(io.BytesIO(sys.stdin.buffer.read()))
        if picture.width * picture.height > max_pixels:
            return TOO_LARGE
        picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError, MemoryError):
        return UNREADABLE
    profile = picture.info.get("icc_profile") or b""
    sys.stdout.buffer.write(f"{picture.mode} {picture.width} {picture.height} {len(profile)}\n".encode())
    sys.stdout.buffer.write(profile)
    sys.stdout.buffer.write(picture.tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
