"""Leases between processes, as the database decides them: each worker here has a connection of its own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from catalogue import imports, jobs
from catalogue.models import Article, ImportRun
from tests.catalogue.imports.handed_in import handed_in, table

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 8


def taken(run: ImportRun) -> jobs.Lease[ImportRun]:
    lease = jobs.take(ImportRun.objects.all(), run.pk)
    assert lease is not None
    return lease


def test_of_many_workers_that_try_at_the_same_moment_one_has_the_lease() -> None:
    run = handed_in(table(1))
    together = threading.Barrier(WORKERS)

    def try_to_take(number: int) -> bool:
        together.wait()
        try:
            return jobs.take(ImportRun.objects.all(), run.pk) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as workers:
        results = list(workers.map(try_to_take, range(WORKERS)))

    assert results.count(True) == 1
    run.refresh_from_db()
    assert run.attempts == 1


def test_a_worker_that_is_overtaken_while_it_writes_has_all_of_it_taken_back() -> None:
    lease = taken(handed_in(table(1)))
    ImportRun.objects.update(leased_until=lease.job.begun)
    begun, overtaken = threading.Event(), threading.Event()

    def overtake() -> None:
        assert begun.wait(20)
        try:
            taken(lease.job)
        finally:
            overtaken.set()
            connection.close()

    with ThreadPoolExecutor(1) as other:
        overtaking = other.submit(overtake)
        if connection.vendor == "sqlite":
            # There is one writer at a time, so it happens before the transaction or after it.
            begun.set()
            overtaking.result()
        with pytest.raises(jobs.LeaseLostError), transaction.atomic():
            lease.job.refusals.create(line="1", error={"code": "cell.empty", "params": {}})
            begun.set()
            assert overtaken.wait(20)
            jobs.advance(lease, cursor=1)
        overtaking.result()

    run = ImportRun.objects.get()
    assert (run.refusals.count(), run.cursor) == (0, 0)
    assert run.lease_token not in {"", lease.job.lease_token}


def test_a_job_advances_in_a_transaction_only_and_never_backwards() -> None:
    lease = taken(handed_in(table(1)))

    with pytest.raises(RuntimeError):
        jobs.advance(lease, cursor=1)
    with transaction.atomic():
        jobs.advance(lease, cursor=5)
    with pytest.raises(jobs.LeaseLostError), transaction.atomic():
        jobs.advance(lease, cursor=4)

    run = ImportRun.objects.get()
    assert (run.cursor, run.attempts) == (5, 0)


def test_without_progress_an_attempt_still_counts() -> None:
    lease = taken(handed_in(table(1)))

    with transaction.atomic():
        jobs.advance(lease, cursor=0, total=7)

    run = ImportRun.objects.get()
    assert (run.total, run.attempts) == (7, 1)


def test_a_lease_is_renewed_and_given_back_by_its_holder_alone() -> None:
    lease = taken(handed_in(table(1)))
    before = ImportRun.objects.get().leased_until
    jobs.renew(lease)
    renewed = ImportRun.objects.get().leased_until
    ImportRun.objects.update(lease_token="another's")

    with pytest.raises(jobs.LeaseLostError):
        jobs.renew(lease)
    jobs.release(lease)

    assert before and renewed and renewed > before
    assert ImportRun.objects.get().lease_token == "another's"


def test_the_end_of_a_job_comes_once() -> None:
    run = handed_in(table(1))
    lease = taken(run)

    ends = [imports.cancel(run), imports.cancel(run), jobs.end(imports.KIND, run, "failed", lease=lease)]

    assert ends == [True, False, False]
    assert ImportRun.objects.get().state == "cancelled"
    assert not Article.objects.exists()
