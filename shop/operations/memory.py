"""Processes that have no memory left end in good order, and whoever supervises them starts ones that have some.

Otherwise they would fail at every further request or task: what Python holds it seldom gives back.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Any

from celery.worker import state

logger = logging.getLogger(__name__)

FAILED = 1


def end_web_process(**kwargs: Any) -> None:
    """End this process of the web server after a request for which there was no memory; others go on meanwhile."""
    if isinstance(sys.exception(), MemoryError):
        logger.critical("no memory is left; this process of the web ends, and is started again")
        os.kill(os.getpid(), signal.SIGTERM)


def end_worker(exception: BaseException | None = None, **kwargs: Any) -> None:
    """End this worker after a task for which there was no memory. What it had to do is found in the rows."""
    if isinstance(exception, MemoryError):
        logger.critical("no memory is left; this worker ends, and is started again")
        state.should_stop = FAILED  # type: ignore[assignment]  # it is typed as what it is at first
