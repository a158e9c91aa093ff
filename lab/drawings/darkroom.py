"""Draws photos of many articles in parallel processes, which do not import Django."""

from __future__ import annotations

import io
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from lab.drawings.assortment import ASSORTMENT
from lab.drawings.draw import draw

# How each kind of file is written. WebP at 80 keeps the demo's 314 photos within 9 MB; JPEG at 86 takes three times as
# much, and their embeddings lie as near to those of the drawings.
ENCODINGS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 86},
    "WEBP": {"quality": 80, "method": 6},
}


@dataclass(frozen=True)
class PhotoOrder:
    """Photos to be drawn of one article; `size` is width and height in pixels."""

    sku: str  # of ASSORTMENT; the article itself cannot be pickled, for its cut is a function
    views: tuple[int, ...]
    size: tuple[int, int]
    kind: str = "JPEG"  # or another of ENCODINGS


def develop(orders: Sequence[PhotoOrder], *, processes: int) -> Iterator[tuple[PhotoOrder, list[bytes]]]:
    """Yield each order, in order, with its photos as files. With one process they are drawn in this one."""
    if processes == 1:
        yield from zip(orders, map(_draw, orders), strict=True)
        return
    # Spawned, not forked: a forked child would inherit connections to the database.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_end_with_parent) as pool:
        try:
            yield from zip(orders, pool.map(_draw, orders), strict=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """Let this process end when the one that started it is killed; it would wait for orders for ever."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _draw(order: PhotoOrder) -> list[bytes]:
    article = next(article for article in ASSORTMENT if article.sku == order.sku)
    files = []
    for view in order.views:
        file = io.BytesIO()
        draw(article, view, size=order.size).save(file, order.kind, **ENCODINGS[order.kind])
        files.append(file.getvalue())
    return files
