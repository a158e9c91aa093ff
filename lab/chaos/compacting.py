"""Compacts the index continuously, in a process of its own, concurrently with the workers.

python -m lab.chaos.compacting
"""

from __future__ import annotations

import logging
import time

import django

if __name__ == "__main__":
    django.setup()

from visualsearch.services import versions
from visualsearch.services.indexing import indexing

PAUSE_S = 0.1


def main() -> None:
    logging.getLogger("visualsearch").setLevel(logging.INFO)
    while True:
        indexing.build_snapshot(versions.serving_version())
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
