"""Assembles the catalogue and search by photo into one site."""

import os

# Before NumPy is imported. Its BLAS would start a thread a processor in every process, and they wait for each other
# by spinning: on two busy processors the colours of one photo took 200 ms instead of 3. Parallelism comes from
# requests and processes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from shop.celery import app as celery_app

__all__ = ["celery_app"]
