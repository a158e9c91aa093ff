"""Embeds all pending photos, on all cores, without the worker."""

from __future__ import annotations

import os
import signal
import time
from argparse import ArgumentTypeError
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogue.messages.rendering import render
from catalogue.progress import progress_bar
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.services import versions
from visualsearch.services.indexing import bulk, status

# Seconds between lines of progress where no terminal can draw a bar.
REPORT_INTERVAL_S = 10.0
# The exit status of a program that SIGINT ended: 128 + 2.
INTERRUPTED = 130


def interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def some_processes(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise ArgumentTypeError(f"{text!r} is not a number of processes (1 or more).")
    return int(text)


class Command(BaseCommand):
    """Embed all pending photos on all cores. Safe while workers run; Ctrl-C stops it without losing work."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        cores = len(os.sched_getaffinity(0))
        parser.add_argument(
            "--processes",
            type=some_processes,
            default=cores,
            metavar="N",
            help=f"how many run at once (default: {cores}, one per core)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Service managers stop a process by SIGTERM.
        signal.signal(signal.SIGTERM, interrupt)
        version = versions.serving_version()
        try:
            self.embed(options["processes"])
        except KeyboardInterrupt:
            left = bulk.count_waiting()
            raise CommandError(
                f"Stopped; {left} photos are still pending. Run the command again to continue.", returncode=INTERRUPTED
            ) from None
        except BrokenProcessPool:
            raise CommandError(
                "A process that embeds was killed, often for want of memory. What it wrote is kept: run it again to go "
                "on, with fewer --processes if memory is short."
            ) from None
        except SearchUnavailableError as error:
            raise CommandError(
                f"{render(error.message)} What was embedded is kept; `manage.py check` says what is wrong."
            ) from error
        counted = status.counts(version)
        self.stdout.write(f"{counted.pending} photos waiting, {counted.failed} failed")

    def embed(self, processes: int) -> None:
        """Embed pending photos, with a progress bar on a terminal and lines of progress anywhere else."""
        total, done, started = bulk.count_waiting(), 0, time.monotonic()
        if not total:
            return
        reported = started
        with (
            progress_bar(total=total, unit="photo", smoothing=0.1) as bar,
            closing(bulk.embed_all(processes=processes)) as counts,
        ):
            for count in counts:
                done += count
                bar.update(count)
                if bar.disable and time.monotonic() - reported >= REPORT_INTERVAL_S:
                    reported = time.monotonic()
                    passed = reported - started
                    line = bar.format_meter(done, max(total, done), passed, unit="photo", ncols=80, ascii=True)
                    self.stdout.write(line)
                    self.stdout.flush()
