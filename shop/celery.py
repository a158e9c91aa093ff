"""The Celery app: two queues and the schedule.

`photos` holds what a person waits for, one photo a task. `bulk` holds imports, folding and renditions, so that a photo
saved by hand never waits behind ten thousand imported ones.
"""

import os

from celery import Celery
from django.conf import settings
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = (Queue("photos"), Queue("bulk"))
app.conf.task_default_queue = "bulk"
app.conf.task_create_missing_queues = False
app.autodiscover_tasks()

if settings.VISUAL_SEARCH:
    app.conf.beat_schedule = {
        "sweep": {
            "task": "visualsearch.tasks.sweep",
            "schedule": settings.SWEEP_EVERY_S,
            # A sweep that waited longer than this has nothing to add to the next one.
            "options": {"expires": settings.SWEEP_EVERY_S, "queue": "photos"},
        },
    }
