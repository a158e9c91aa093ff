"""Start of a process of the embedding pool. Imports no models, which is impossible before Django is set up."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait

import django


def begin() -> None:
    """Set Django up, and ignore Ctrl-C: the parent decides when to stop."""
    # Ctrl-C reaches every process of a terminal; the parent waits until running chunks are written.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()


def _end_with_parent() -> None:
    """End this process when the parent was killed: it would wait for work forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
