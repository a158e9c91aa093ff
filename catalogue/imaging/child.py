"""Decodes a picture in a process of its own, which may crash, and whose memory and processor time are limited.

Starting it takes 0.15 s of processor time. It ends when nobody waits for the picture any more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from PIL import Image

from catalogue import exceptions
from catalogue.exceptions import ImageTooLargeError, UnreadableImageError
from catalogue.imaging.limits import Limits
from catalogue.imaging.patience import Patience, current
from catalogue.messages import Message

_SCRIPT = Path(__file__).with_name("decoding_child.py")
# Of a busy machine. The limit of processor time is in the child.
_TIMEOUT_S = 30.0
_ASKED_EVERY_S = 0.1
# What the system's limit of processor time ends a process with.
_OUT_OF_TIME = {-9, -24}
_ERRORS = ("ImageTooLargeError", "UnreadableImageError", "UnsupportedImageError")


def decode_in_child(
    content: bytes, name: str, *, limits: Limits, target: int | None
) -> tuple[Image.Image, tuple[int, int]]:
    """Return the picture, upright and sRGB, and its own upright size. `name` is its format. See `read_image`.

    Raises as `read_image` does, and BusyError once nobody waits.
    """
    # -I: neither the environment nor the current folder affects what is imported.
    options = json.dumps({"limits": asdict(limits), "target": target})
    command = [sys.executable, "-I", str(_SCRIPT), name, options]
    # One heap: each thread's own would take 64 MB of the address space. And no secret of ours beside a hostile file.
    environment = {"MALLOC_ARENA_MAX": "1"}
    began, patience, counted = time.monotonic(), current(), False
    with (
        _as_file(content) as file,
        subprocess.Popen(  # noqa: S603  (this interpreter and our own script)
            command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        ) as child,
    ):
        try:
            output = _wait(child, patience, until=began + _TIMEOUT_S)
            head, _, pixels = output.partition(b"\n")
            answer = json.loads(head) if child.returncode == 0 else {}
            counted = _count(patience, answer.get("seconds"))
        finally:
            # Harmless for one that has ended.
            child.kill()
            if not counted:
                _count(patience, time.monotonic() - began)
    if child.returncode in _OUT_OF_TIME:
        raise ImageTooLargeError("image.too_costly")
    if not answer:
        raise UnreadableImageError("image.damaged")
    if answer.get("error") in _ERRORS:
        raise getattr(exceptions, answer["error"])(Message.from_json(answer["message"]))
    width, height = answer["own_size"]
    return Image.frombytes("RGB", tuple(answer["size"]), pixels), (width, height)


def _wait(child: subprocess.Popen[bytes], patience: Patience | None, *, until: float) -> bytes:
    """Return what the child writes. Raises BusyError once nobody waits, UnreadableImageError for a child that hangs."""
    while True:
        try:
            return child.communicate(timeout=_ASKED_EVERY_S)[0]
        except subprocess.TimeoutExpired:
            if patience is not None:
                patience.check()
            if time.monotonic() > until:
                raise UnreadableImageError("image.damaged") from None


def _as_file(content: bytes) -> IO[bytes]:
    """Return a file in memory: a pipe would have to be fed while the child is waited for."""
    in_memory = hasattr(os, "memfd_create")
    file = os.fdopen(os.memfd_create("picture"), "w+b") if in_memory else TemporaryFile()  # noqa: SIM115  (returned)
    file.write(content)
    file.seek(0)
    return file


def _count(patience: Patience | None, seconds: float | None) -> bool:
    if patience is not None and seconds is not None:
        patience.spent_s += seconds
    return seconds is not None
