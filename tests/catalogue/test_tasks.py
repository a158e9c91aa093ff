"""What workers do for the catalogue, and in which order a worker takes it from a real broker."""

from __future__ import annotations

from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from kombu import Queue

from catalogue import broker, tasks
from catalogue.models import Photo
from catalogue.photos.services import rendition_paths
from catalogue.signals import photos_imported
from tests.catalogue.feeds.rows import bring_in, row
from tests.catalogue.stores import files
from tests.factories import PhotoFactory, drawn_picture
from tests.processes.valkey import Valkey

pytestmark = pytest.mark.django_db(transaction=True)


def taken(queue: str) -> list[tuple[str, list[Any]]]:
    """Take what a worker would, one after the other, and return names and arguments of the tasks."""
    found = []

    def note(body: Any, message: Any) -> None:
        found.append((message.headers["task"].rsplit(".", 1)[-1], body[0]))
        message.ack()

    with (
        current_app.connection_for_read() as connection,
        connection.channel() as channel,
        connection.Consumer(Queue(queue), channel=channel, callbacks=[note]) as consumer,
    ):
        consumer.qos(prefetch_count=1)
        try:
            while True:
                connection.drain_events(timeout=1)
        except TimeoutError:
            return found


def test_renditions_of_imported_photos_are_drawn_when_nothing_else_is_to_do(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "_down_until", 0.0)

    photos_imported.send(sender=Photo, photo_ids=list(range(1, 18)))
    broker.enqueue(tasks.remove_lost_files, queue="bulk")

    order = [(name, arguments) for name, arguments in taken("bulk") if name != "embed_waiting"]
    assert order == [
        ("remove_lost_files", []),
        ("make_imported_renditions", [[1, 2, 3, 4, 5, 6, 7, 8]]),
        ("make_imported_renditions", [[9, 10, 11, 12, 13, 14, 15, 16]]),
        ("make_imported_renditions", [[17]]),
    ]


def test_renditions_of_imported_photos_are_there_before_the_first_visit() -> None:
    photos = [PhotoFactory.create(data=drawn_picture(colour)) for colour in ("#c0392b", "#27ae60")]

    # One photo is gone meanwhile, which is no error.
    tasks.make_imported_renditions([photos[0].pk, 10_000, photos[1].pk])

    assert files("renditions") == {path for photo in photos for path in rendition_paths(photo.sha256)}


def test_an_import_queues_the_fetching_of_its_pictures_once(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_down_until", 0.0)

    bring_in(*(row(sku, photo_urls=("https://a.example/a.jpg",)) for sku in ("1", "2", "3")), batch_size=1)

    assert taken("bulk") == [("fetch_photos", [])]


def test_what_is_scheduled_is_there_and_on_a_queue_that_workers_take() -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in current_app.tasks
        assert entry.get("options", {}).get("queue", "bulk") in {queue.name for queue in settings.CELERY_TASK_QUEUES}
