"""Imports that begin in the browser and are done by a worker: receiving the file, working at it, steering it."""

from __future__ import annotations

from catalogue.imports.actions import cancel, go_on, pause, start
from catalogue.imports.upload import receive
from catalogue.imports.worker import read_on, remove_lost_files, waiting_ids

__all__ = ["cancel", "go_on", "pause", "read_on", "receive", "remove_lost_files", "start", "waiting_ids"]
