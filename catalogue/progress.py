"""Progress bars on a terminal. In a file or a pipe each step would be a line of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def progress_bar(items: Iterable[Any] | None = None, *, hidden: bool = False, **options: Any) -> Any:
    """Return tqdm's bar over the items, with tqdm's options. It draws nothing where its file is no terminal."""
    return tqdm(items, disable=hidden or None, **options)
