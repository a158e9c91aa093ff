"""A fetcher of a gallery's pictures, in a process of its own.

python -m tests.catalogue.sources.fetching import PORT NAME…
python -m tests.catalogue.sources.fetching fetch PORT
"""

from __future__ import annotations

import sys
from ipaddress import ip_address

import django

if __name__ == "__main__":
    django.setup()

from catalogue.feeds import ArticleRow
from catalogue.imaging import FetchPolicy
from catalogue.sources import fetch_waiting
from tests.catalogue.feeds.rows import bring_in

if __name__ == "__main__":
    role, port, *names = sys.argv[1:]
    if role == "import":
        urls = tuple(f"http://pictures.example:{port}/{name}" for name in names)
        bring_in(*(ArticleRow(f"line {n}", f"D-{n}", photo_urls=urls) for n in range(3)))
    else:
        loopback = ip_address("127.0.0.1")
        reach = FetchPolicy(
            allow=lambda address: address == loopback,
            ports=frozenset({int(port)}),
            resolve=lambda host, port: ["127.0.0.1"],
        )
        fetch_waiting(for_s=60, policy=reach)
