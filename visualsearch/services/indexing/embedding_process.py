"""How a process begins that embeds for another one. Imports no models, which cannot be before Django is set up."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from contextlib import AbstractContextManager
from multiprocessing.connection import wait

import django

from catalogue.imaging.reading import take_turns


def begin(large: AbstractContextManager[object]) -> None:
    """Set Django up, share the lock for reading large pictures, and leave it to the parent when to stop."""
    # Ctrl-C reaches every process of a terminal; the parent lets what is under way be written.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()
    take_turns(large)


def _end_with_parent() -> None:
    """End at once when the parent was killed: a pool's process would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
