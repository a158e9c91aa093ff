"""Celery's clock, which goes on when its file cannot be written.

Celery's own scheduler keeps its times in a dbm file: on a full disk it ends with an error, or with SIGBUS where that
file is mapped. Then nothing is reconciled.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from celery.beat import Scheduler

from shop.observability.pulse import pulses

logger = logging.getLogger(__name__)


# The longest wait between two ticks, which show that the clock runs.
TICK_S = 10.0


class FileScheduler(Scheduler):
    """Keeps when each task was last sent in a small JSON file, so that a daily task runs though the shop is restarted.

    A file that cannot be read or written costs that memory alone.
    """

    def __init__(self, *args: Any, schedule_filename: str, **kwargs: Any) -> None:
        self._file = Path(schedule_filename).with_suffix(".json")
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for name, sent in self._read().items():
            if entry := self.schedule.get(name):
                entry.last_run_at = sent
        self._forget_times_to_come()

    def _forget_times_to_come(self) -> None:
        """Count from now for what was sent at a time to come: the clock has been set back, and nothing would be due."""
        for entry in self.schedule.values():
            if entry.last_run_at and entry.last_run_at > entry.default_now():
                entry.last_run_at = entry.default_now()

    def _read(self) -> dict[str, datetime]:
        try:
            stored = json.loads(self._file.read_text())
            return {str(name): datetime.fromisoformat(sent) for name, sent in stored.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            logger.warning("when tasks were last sent is not known: %s", error)
            return {}

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due. Returns the seconds until it is to be called again."""
        pulses.turn()
        self._forget_times_to_come()
        wait_s: float = super().tick(*args, **kwargs)
        return min(wait_s, TICK_S)

    def sync(self) -> None:
        sent = {name: entry.last_run_at.isoformat() for name, entry in self.schedule.items() if entry.last_run_at}
        part = self._file.with_suffix(".part")
        try:
            part.write_text(json.dumps(sent))
            part.replace(self._file)
        except OSError as error:
            logger.warning("when tasks were last sent is not kept: %s", error.strerror)
