"""A dataset of a few photos on a web server of the tests' own, listed as the demo's photographs are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from catalogue.demo import fetching
from catalogue.demo.fetching import Photographs
from catalogue.demo.photographed import Photographed, read_photographed
from catalogue.management.commands import load_demo
from tests.catalogue.imaging.web_servers import Server, send, serving
from tests.factories import drawn_picture

Answer = Callable[[BaseHTTPRequestHandler], None]
ROWS = (
    ("dress", "dress", "red"), ("pants", "jeans", "blue"), ("hat", "beanie", "green"), ("shoes", "boots", "black"),
    ("dress", "dress", "black"), ("skirt", "skirt", "pink"), ("shirt", "shirt", "white"), ("outwear", "coat", "grey"),
    ("shorts", "shorts", "navy"), ("t-shirt", "t-shirt", "yellow"),
)  # fmt: skip


@dataclass
class Dataset:
    """Ten photos by name, and what a server answers in place of some."""

    photos: dict[str, bytes]
    listed: Photographed
    server: Server
    instead: dict[str, Answer] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return list(self.photos)

    @property
    def asked(self) -> list[str]:
        """Return the names of the photos that were asked for, in the order of the requests."""
        return [path.rpartition("/")[2] for path, _ in self.server.asked]

    def photographs(self, digests: object = None) -> Photographs:
        url = f"http://dataset.test:{self.server.port}/images/"
        policy = self.server.reach(resolve=lambda host, port: ["127.0.0.1"])
        return Photographs(self.listed.digests, url=url, policy=policy)


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    """Ten photos, which `load_demo --real` fetches as if they were the 400 of the dataset."""
    photos = {
        f"{number:08x}-0000-4000-8000-000000000000.jpg": drawn_picture("#b00020", size=(90, 100 + number))
        for number in range(len(ROWS))
    }
    lines = [
        f"{name.removesuffix('.jpg')},{hashlib.sha256(content).hexdigest()},{','.join(row)}"
        for (name, content), row in zip(photos.items(), ROWS, strict=True)
    ]
    file = tmp_path / "photographs.csv"
    file.write_text("\n".join(["photo,sha256,category,kind,colour", *lines]) + "\n")

    def answer(handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.rpartition("/")[2]
        if other := made.instead.get(name):
            other(handler)
        else:
            send(handler, photos[name])

    with serving(answer) as server:
        made = Dataset(photos, read_photographed(file), server)
        monkeypatch.setattr(load_demo, "read_photographed", lambda: made.listed)
        monkeypatch.setattr(load_demo, "Photographs", made.photographs)
        monkeypatch.setattr(fetching, "_FIRST_PAUSE_S", 0.01)
        yield made
