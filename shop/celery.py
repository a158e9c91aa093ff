"""The Celery app. Its queues and its schedule are in settings."""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import beat_init, task_failure, worker_init
from django.conf import settings

from shop.observability.pulse import pulses
from shop.operations.database_limits import limit_worker
from shop.operations.memory import end_worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class LoopPulse(bootsteps.StartStopStep):
    """Shows that a worker's loop turns. While it runs a task, that is what it shows."""

    requires = ("celery.worker.consumer.tasks:Tasks",)
    EVERY_S = 5.0

    def start(self, parent: Any) -> None:
        pulses.turn()
        parent.timer.call_repeatedly(self.EVERY_S, pulses.turn)


app.steps["consumer"].add(LoopPulse)


@worker_init.connect
@beat_init.connect
def show_pulse(**kwargs: Any) -> None:
    pulses.start(settings.PULSE_DIR)


@worker_init.connect
def limit_statements(**kwargs: Any) -> None:
    limit_worker()


task_failure.connect(end_worker)
