"""Diagnosis for operators: checks of each part of the shop, with the remedy of each fault (`manage.py doctor`)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from PIL import Image
from redis import Redis
from redis.exceptions import RedisError

from catalogue.exceptions import VitrineError
from catalogue.models import Photo, ScheduledFeed
from catalogue.text_search import documents
from visualsearch.models import ModelVersion
from visualsearch.services import versions
from visualsearch.services.indexing import indexing, status
from visualsearch.services.monitoring import disk, health, store

# Clock skew between this machine and broker or database, in seconds, above which retry times become wrong.
CLOCK_MAY_DIFFER_S = 5.0
# How many of the newest photos are checked for their files.
FILES_CHECKED = 100
LONG_QUEUE = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: "ok", "warning" (it works, but not as it should) or "bad", with the remedy."""

    part: str
    state: str
    message: str
    remedy: str = ""


def diagnose() -> Iterator[Finding]:
    """Yield the finding of each part as soon as it is known. Checks that need a part which is down are skipped."""
    yield check_space()
    if store.is_remote():
        yield attempted(check_store)
    database = check_database()
    yield database
    broker = check_broker()
    yield broker
    checks = [] if broker.state == "bad" else [check_workers]
    if database.state != "bad":
        checks += [] if broker.state == "bad" else [check_clock]
        checks += [check_model, check_index, check_text_search, check_photos, check_files, check_feeds]
    for check in checks:
        yield attempted(check)


def attempted(check: Callable[[], Finding]) -> Finding:
    """Return a check's finding; a check that raises an error is a finding too, so the others still run."""
    part = check.__name__.removeprefix("check_")
    try:
        with quiet():
            return check()
    except (VitrineError, DatabaseError, RedisError, OSError, ValueError) as error:
        return Finding(
            part, "bad", f"It could not be checked: {error}", "See the logs of the web and worker processes."
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress log messages up to WARNING: the finding reports the same."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def check_space() -> Finding:
    found = disk.examine(Path(settings.DATA_DIR))
    message = f"{found.free_bytes / 1e9:,.1f} of {found.total_bytes / 1e9:,.1f} GB are free in {settings.DATA_DIR}."
    if found.total_files:
        message += f" It can take {found.free_files:,} more files."
    if found.state == "ok":
        return Finding("space", "ok", message)
    if found.state == "unwritable":
        return Finding(
            "space", "bad", f"{settings.DATA_DIR} cannot be written to: {found.reason}.",
            "Mount the disk for writing, or allow more open files (ulimit -n). Until then pages are shown, and nothing "
            "is saved.",
        )  # fmt: skip
    if found.state == "full":
        message = f"Nothing more can be written. {message}"
    return Finding(
        "space", "bad", message, "Free some space, or move SHOP_DATA_DIR to a larger disk: imports will soon stop."
    )


def check_store() -> Finding:
    bucket = settings.S3_BUCKET
    where = f"The bucket {bucket['name']} at {bucket['endpoint'] or 'Amazon S3'}"
    if reason := store.examine():
        return Finding(
            "store", "bad", f"{where} cannot be used: {reason}",
            "Start the store, or correct the settings that begin with SHOP_S3. Until then pages are without photos, "
            "and none can be saved.",
        )  # fmt: skip
    return Finding("store", "ok", f"{where} answers.")


def check_database() -> Finding:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA quick_check(1)")
                (sound,) = cursor.fetchone()
            if sound != "ok":
                return Finding("database", "bad", f"The file is damaged: {sound}", "Restore it from the last backup.")
    except DatabaseError as error:
        remedy = (
            "Start it, or correct DATABASE_URL."
            if connection.vendor != "sqlite"
            else "Restore it from the last backup."
        )
        return Finding("database", "bad", f"It does not answer: {error}", remedy)
    if missing:
        return Finding("database", "bad", f"{len(missing)} migrations are not applied.", "Run: manage.py migrate")
    return Finding("database", "ok", f"{connection.display_name} answers, and all migrations are applied.")


def check_broker() -> Finding:
    try:
        with connected() as server:
            server.ping()
            queues = {name: int(server.llen(name)) for name in ("photos", "bulk")}
    except (RedisError, OSError, ValueError) as error:
        return Finding(
            "broker", "bad", f"It does not answer: {error}",
            "Start it (the process broker of the Procfile), or correct REDIS_URL. Photos saved until then are "
            "indexed afterwards.",
        )  # fmt: skip
    message = f"It answers. Waiting: {queues['photos']} tasks on photos, {queues['bulk']} on bulk."
    if max(queues.values()) > LONG_QUEUE:
        return Finding("broker", "warning", message, "Start more workers; they share the queues.")
    return Finding("broker", "ok", message)


@contextmanager
def connected() -> Iterator[Redis]:
    # Queues are in the broker's database number, which for a socket differs from the cache's.
    address = settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
    wait = health.BROKER_TIMEOUT_S
    with Redis.from_url(address, socket_timeout=wait, socket_connect_timeout=wait) as server:
        yield server


def check_workers() -> Finding:
    late = health.late_queues()
    if not late:
        ago = health.since_reconciliation_s() or 0.0
        return Finding("workers", "ok", f"The last reconciliation was {ago:,.0f} s ago.")
    words = [
        f"none on {queue} has reconciled since the broker started"
        if ago is None
        else f"the last reconciliation on {queue} was {ago:,.0f} s ago"
        for queue, ago in late.items()
    ]
    message = "; ".join(words)
    return Finding(
        "workers", "bad", f"{message[:1].upper()}{message[1:]}; one is due every {settings.RECONCILE_INTERVAL_S:g} s.",
        "Start worker, bulk and beat (processes of the Procfile), or see their logs. Until then photos wait.",
    )  # fmt: skip


def check_clock() -> Finding:
    with connected() as server:
        seconds, microseconds = server.time()
    differences = {"broker": time.time() - (seconds + microseconds / 1e6)}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            differences["database"] = time.time() - float(cursor.fetchone()[0])
    furthest = max(differences, key=lambda name: abs(differences[name]))
    message = f"It differs from the {furthest}'s by {abs(differences[furthest]):.1f} s."
    if abs(differences[furthest]) > CLOCK_MAY_DIFFER_S:
        return Finding("clock", "warning", message, "Synchronise the clocks of all machines by NTP.")
    return Finding("clock", "ok", message)


def check_model() -> Finding:
    version = versions.serving_version()
    model = versions.get_model(version)
    # The first inference allocates the network, so the second one is timed.
    model.predict([Image.new("RGB", (256, 256), "white")])
    started = time.perf_counter()
    inference = model.predict([Image.new("RGB", (256, 256), "white")])[0]
    took = (time.perf_counter() - started) * 1000
    if not np.isfinite(inference.shape).all():
        return Finding(
            "model", "bad", f"{version} returns values that are not numbers.", "Run: manage.py evaluate_model"
        )
    message = f"{model.card.name} {model.card.version} embeds a photo in {took:.0f} ms."
    damaged = versions.damaged_files(version)
    if model.fallback:
        return Finding(
            "model", "warning", f"{message} It is the fallback for {version}, which cannot be opened.",
            f"Put the files of {version} back into {version.folder}; new photos are not indexed until then.",
        )  # fmt: skip
    if damaged:
        return Finding(
            "model", "warning", f"{message} But files of it are damaged: {', '.join(damaged)}.",
            f"Put the files of {version} back into {version.folder}. What runs goes on with what it has read.",
        )  # fmt: skip
    return Finding("model", "ok", message)


def check_index() -> Finding:
    version = versions.serving_version()
    index = indexing.fresh_index(version)
    behind = max(version.head - index.sequence, 0)
    message = (
        f"{len(index):,} vectors; {index.sequence - index.snapshot_sequence:,} changes since the last snapshot, "
        f"{behind:,} not applied yet."
    )
    if ModelVersion.objects.get(pk=version.pk).rebuild_wanted:
        return Finding(
            "index",
            "warning",
            f"{message} A snapshot was damaged.",
            "The worker is building a new one; or run: manage.py rebuild_index",
        )
    return Finding("index", "ok", message)


def check_text_search() -> Finding:
    """Check that text search knows all articles."""
    missing = documents.outdated().count()
    if missing:
        message = f"Text search lacks {missing} of the products: another program wrote them."
        return Finding("text_search", "warning", message, "manage.py rebuild_text_search")
    return Finding("text_search", "ok", "Text search has all products.")


def check_photos() -> Finding:
    counted = status.count(versions.serving_version())
    message = f"{counted.pending:,} are pending, {counted.failed:,} cannot be embedded."
    if counted.failed:
        return Finding(
            "photos",
            "warning",
            message,
            "The list of products shows them: filter by “search by photo”, “Photos with errors”.",
        )
    return Finding("photos", "ok", message)


def check_files() -> Finding:
    newest = list(Photo.objects.order_by("-pk")[:FILES_CHECKED])
    gone = [photo for photo in newest if not photo.file.storage.exists(str(photo.file.name))]
    if gone:
        named = ", ".join(str(photo.pk) for photo in gone[:5])
        return Finding(
            "files", "bad", f"{len(gone)} of the {len(newest)} newest photos have no file: {named}.",
            f"Restore them from the last backup, or upload them again ({kept_in()}).",
        )  # fmt: skip
    return Finding("files", "ok", f"The {len(newest)} newest photos have their files.")


def kept_in() -> str:
    return f"bucket {settings.S3_BUCKET['name']}" if store.is_remote() else str(Path(settings.DATA_DIR) / "photos")


def check_feeds() -> Finding:
    failing = [str(feed) for feed in ScheduledFeed.objects.failing()]
    asking = [str(feed) for feed in ScheduledFeed.objects.asking()]
    message = f"{ScheduledFeed.objects.filter(state='on').count()} are fetched on a schedule"
    if failing or asking:
        told = [f"{len(failing)} fail: {', '.join(failing[:5])}"] * bool(failing)
        told += [f"{len(asking)} need an answer: {', '.join(asking[:5])}"] * bool(asking)
        return Finding("feeds", "warning", f"{message}; {'; '.join(told)}.", "See their pages in the admin.")
    return Finding("feeds", "ok", f"{message}.")
