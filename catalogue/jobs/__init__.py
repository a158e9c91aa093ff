"""Resumable jobs: one worker at each, some units at a time, however often workers are killed, paused or cancelled.

A kind of job implements `JobKind`: one unit of work, what belongs to it, what happens at its end. What is here is the
same for all: the lease (leases), the slices and the ends (running), the queue and the clean-up (kinds).
"""

from __future__ import annotations

from catalogue.jobs.deleting import delete_in_pieces, discard, remove_discarded
from catalogue.jobs.files import remove_unknown_files
from catalogue.jobs.kinds import JobKind, Kind, Registered, register, registered
from catalogue.jobs.leases import Lease, LeaseLostError, advance, release, renew, take
from catalogue.jobs.running import JobFailedError, Progress, cancel, end, fail, progress, run_slice

__all__ = [
    "JobFailedError",
    "JobKind",
    "Kind",
    "Lease",
    "LeaseLostError",
    "Progress",
    "Registered",
    "advance",
    "cancel",
    "delete_in_pieces",
    "discard",
    "end",
    "fail",
    "progress",
    "register",
    "registered",
    "release",
    "remove_discarded",
    "remove_unknown_files",
    "renew",
    "run_slice",
    "take",
]
