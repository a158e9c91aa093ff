"""Imports that start in the browser and run in a worker: upload, processing, and actions such as pause and cancel."""

from __future__ import annotations

from catalogue.imports.actions import cancel, delete, pause, resume, start
from catalogue.imports.upload import receive, store
from catalogue.imports.worker import ERRORS_AT_MOST, KIND, run_slice

__all__ = ["ERRORS_AT_MOST", "KIND", "cancel", "delete", "pause", "receive", "resume", "run_slice", "start", "store"]
