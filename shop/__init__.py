"""The Django project: combines catalogue and search by photo into one site."""

import os

# Set before NumPy is imported. Its BLAS would start a thread per processor in every process, and these busy-wait for
# each other: on two busy processors the colours of one photo took 200 ms instead of 3 ms. Parallelism comes from
# requests and processes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from shop.celery import app as celery_app

__all__ = ["celery_app"]
