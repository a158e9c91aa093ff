"""Imports that start in the browser and run in a worker: upload, processing, and actions such as pause and cancel."""

from __future__ import annotations

from catalogue.imports.actions import cancel, delete, pause, resume, start
from catalogue.imports.kept_columns import are_own, is_kept, kept_for
from catalogue.imports.mapping import (
    COLUMNS_AT_MOST,
    OPEN,
    choose,
    chosen,
    forget,
    guessed,
    look,
    names_of,
    read_as_recognised,
    read_as_table,
)
from catalogue.imports.upload import receive, store
from catalogue.imports.worker import ERRORS_AT_MOST, KIND, run_slice

__all__ = [
    "COLUMNS_AT_MOST",
    "ERRORS_AT_MOST",
    "KIND",
    "OPEN",
    "are_own",
    "cancel",
    "choose",
    "chosen",
    "delete",
    "forget",
    "guessed",
    "is_kept",
    "kept_for",
    "look",
    "names_of",
    "pause",
    "read_as_recognised",
    "read_as_table",
    "receive",
    "resume",
    "run_slice",
    "start",
    "store",
]
