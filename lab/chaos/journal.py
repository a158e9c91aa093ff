"""Write-ahead journals of the writers: begun and acknowledged writes, readable after a writer is killed."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lab.chaos.pictures import digest


@dataclass(frozen=True, slots=True)
class Stock:
    """The expected state of an article: the numbers of its pictures, and whether it is published."""

    pictures: tuple[int, ...]
    published: bool

    @property
    def digests(self) -> list[str]:
        return sorted(digest(number) for number in self.pictures)


@dataclass(frozen=True, slots=True)
class Write:
    """One write. `after` is the article's state after it; None if the write deletes the article."""

    number: int
    kind: str
    sku: str
    after: Stock | None


class Journal:
    """A writer's journal file: a line before each write, and one after it is acknowledged or found void."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, write: Write) -> None:
        self._line("begun", asdict(write))

    def acknowledge(self, write: Write) -> None:
        self._line("done", write.number)

    def void(self, write: Write) -> None:
        """Record that an interrupted write was not committed."""
        self._line("void", write.number)

    def _line(self, word: str, what: Any) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps({word: what}) + "\n")


class Ledger:
    """The expected state of the shop according to one or more journals. `read` applies their new lines."""

    def __init__(self, *paths: Path) -> None:
        self._paths = paths
        self._read = dict.fromkeys(paths, 0)
        self.stock: dict[str, Stock | None] = {}
        # Writes that were begun and not acknowledged, by SKU: they may or may not be committed.
        self.open: dict[str, Write] = {}
        self.acknowledged: Counter[str] = Counter()
        self.last_number = -1
        # Since when an article is known to be deleted or hidden, on the monotonic clock of the reader.
        self.gone: dict[str, float] = {}
        # When an article last changed, on the same clock.
        self.changed: dict[str, float] = {}
        self.article_of: dict[int, str] = {}

    def read(self) -> list[Write]:
        """Apply new journal lines, and return the writes acknowledged since the last call."""
        done = []
        for path in self._paths:
            if not path.exists():
                continue
            with path.open("rb") as file:
                file.seek(self._read[path])
                for line in file:
                    # An incomplete line, which is still being written.
                    if not line.endswith(b"\n"):
                        break
                    self._read[path] += len(line)
                    done += self._take(json.loads(line))
        return done

    def pictures_of(self, sku: str) -> tuple[int, ...]:
        """Return the pictures that must find an article now; none if it is hidden, deleted or being changed."""
        stock = self.stock.get(sku)
        return stock.pictures if stock and stock.published and sku not in self.open else ()

    def _take(self, line: dict[str, Any]) -> list[Write]:
        if "begun" in line:
            fields = line["begun"]
            after = fields.pop("after")
            stock = None if after is None else Stock(tuple(after["pictures"]), after["published"])
            write = Write(after=stock, **fields)
            self.open[write.sku] = write
            self.last_number = max(self.last_number, write.number)
            self.article_of |= dict.fromkeys(stock.pictures if stock else (), write.sku)
            self.changed[write.sku] = time.monotonic()
            if stock is not None and stock.published:
                self.gone.pop(write.sku, None)
            return []
        number = line["done"] if "done" in line else line["void"]
        (write,) = (one for one in self.open.values() if one.number == number)
        del self.open[write.sku]
        now = time.monotonic()
        self.changed[write.sku] = now
        if "done" in line:
            self.stock[write.sku] = write.after
            self.acknowledged[write.kind] += 1
        kept = self.stock.get(write.sku)
        if write.sku in self.stock and (kept is None or not kept.published):
            self.gone[write.sku] = now
        return [write] if "done" in line else []
