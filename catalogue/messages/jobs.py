"""Messages of resumable jobs of any kind."""

from __future__ import annotations

from catalogue.messages.registry import gettext_noop, text

TEXTS = {
    "job.interrupted": text(
        gettext_noop("The job was interrupted %(times)s times at step %(unit)s."),
        gettext_noop("Look for the cause in the worker’s log, then start it again."),
        times=5,
        unit=7,
    ),
}
