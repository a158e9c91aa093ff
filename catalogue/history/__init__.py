"""Bulk changes, their undo, and the bin: what staff do to many articles at once, and how it is taken back."""

from __future__ import annotations

from catalogue.history.actions import SLOW_ACTIONS, PriceChange, SlowAction, check_prices
from catalogue.history.merging import merged_into
from catalogue.history.outcome import LeftOut, NotNowError, Outcome
from catalogue.history.starting import begin, begin_undo, cancel, preview_undo
from catalogue.history.sweeping import sweep
from catalogue.history.undo import edits_of
from catalogue.history.worker import KIND

__all__ = [
    "KIND",
    "SLOW_ACTIONS",
    "LeftOut",
    "NotNowError",
    "Outcome",
    "PriceChange",
    "SlowAction",
    "begin",
    "begin_undo",
    "cancel",
    "check_prices",
    "edits_of",
    "merged_into",
    "preview_undo",
    "sweep",
]
