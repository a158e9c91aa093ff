from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image

from lab.harness.trial_shop import patience_s
from visualsearch.services.search import photos


def test_a_process_reads_four_photos_at_once_and_lets_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    four, fifth = threading.Barrier(5, timeout=patience_s(20)), threading.Event()
    done = threading.Barrier(4, timeout=patience_s(20))
    begun = []

    def read_image(content: bytes, **kwargs: Any) -> Image.Image:
        begun.append(content)
        if len(begun) <= photos.PHOTOS_READ_AT_ONCE:
            four.wait()
            assert not fifth.wait(0.2)
            done.wait()
        else:
            fifth.set()
        return Image.new("RGB", (1, 1))

    monkeypatch.setattr(photos, "read_image", read_image)
    with ThreadPoolExecutor(5) as threads:
        reading = [threads.submit(photos.decode_photo, b"photo") for _ in range(5)]
        four.wait()
        pictures = [one.result() for one in reading]

    assert len(pictures) == 5
    assert fifth.is_set()
