"""Imports that begin in the browser and are done by a worker: receiving the file, working at it, steering it."""

from __future__ import annotations

from catalogue.imports.actions import cancel, pause, resume, start
from catalogue.imports.upload import receive
from catalogue.imports.worker import KIND, run_slice

__all__ = ["KIND", "cancel", "pause", "receive", "resume", "run_slice", "start"]
