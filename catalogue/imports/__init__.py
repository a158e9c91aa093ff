"""Imports that begin in the browser and are done by a worker: receiving the file, working at it, steering it."""

from __future__ import annotations

from catalogue.imports.actions import cancel, pause, resume, start
from catalogue.imports.upload import receive
from catalogue.imports.worker import remove_lost_files, run_slice, waiting_ids

__all__ = ["cancel", "pause", "receive", "remove_lost_files", "resume", "run_slice", "start", "waiting_ids"]
