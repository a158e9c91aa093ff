"""`attack addresses`: server-side request forgery (SSRF) by picture URLs into the internal network, in every notation.

Includes redirects and DNS rebinding; and a host that never answers, which must not hold up a shop. Connections are
observed by an audit hook of the interpreter, not by the code under attack.
"""

from __future__ import annotations

import http.server
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from django.core.management.base import CommandParser, OutputWrapper

from catalogue.exceptions import UnreachableUrlError
from catalogue.imaging import FetchPolicy, fetch_image, is_public
from catalogue.imaging.addresses import IPAddress, resolve_host
from lab.benchmarks.load import said
from lab.security import unanswered

HELP = "Addresses that lead inside are not connected to; those where nobody answers hold up nobody else."

# Tolerance for timing differences between refusals, generous for a busy machine.
MAY_DIFFER_S = 0.25

PLAIN = {
    "private": [
        "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/", "http://192.168.1.254/a.jpg",
        "http://100.64.0.1/", "http://198.18.0.1/", "https://10.255.255.254/",
    ],
    "this machine": [
        "http://127.0.0.1/", "http://localhost/", "http://127.1/", "http://0/", "http://0.0.0.0/", "http://127.0.0.1./",
        "http://[::1]/", "http://[::]/", "https://localhost/", "http://localhost.localdomain/",
    ],
    "link-local and metadata": [
        "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/", "http://[fe80::1]/",
        "http://[fd00:ec2::254]/", "http://100.100.100.200/", "http://168.63.129.16/", "http://192.0.0.192/",
        "http://metadata.google.internal/",
    ],
    "decimal, octal, hexadecimal": [
        "http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://0177.0.0.1/", "http://0x7f.1/",
        "http://2852039166/", "http://3232235521/",
    ],
    "IPv6 with IPv4 in it": [
        "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::]/", "http://[::ffff:169.254.169.254]/",
    ],
    "other letters": ["http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://ⓛocalhost/"],
    "other schemes": [
        "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/",
        "data:image/png;base64,AAAA", "//127.0.0.1/",
    ],
    "user and password": [
        "http://user@127.0.0.1/", "http://example.com@127.0.0.1/", "http://user:word@localhost/",
        "http://127.0.0.1#@example.com/",
    ],
    "other ports": ["http://127.0.0.1:22/", "http://127.0.0.1:6379/", "http://example.com:8080/"],
    "many and none": ["http://224.0.0.1/", "http://255.255.255.255/", "http://[ff02::1]/", "http://nowhere.invalid/"],
}  # fmt: skip


@dataclass
class Tally:
    """The results for addresses of one kind."""

    count: int = 0
    seconds: list[float] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--seconds", type=float, default=25, help="of each attack on a shop (25); 0: start no shop")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    connected: list[str] = []
    listening = True

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if listening and event == "socket.connect" and isinstance(arguments[1], tuple):
            connected.append(str(arguments[1][0]))

    sys.addaudithook(hear)
    tallies = {kind: Tally() for kind in (*PLAIN, "redirects", "names that change")}
    for kind, addresses in PLAIN.items():
        for address in addresses:
            attempt(address, FetchPolicy(), tallies[kind])
    # None of these may connect; connections to public addresses are ignored.
    inside = [address for address in connected if not is_public(ip_address(address.split("%")[0]))]
    with redirecting() as port:
        for reach, address in moving(port):
            attempt(address, reach, tallies["redirects" if "redirect" in address else "names that change"])
    # The redirecting server is our own, on this machine; no other internal address may be connected to.
    beyond = [address for address in connected if address not in {"127.0.0.1", *inside} and not public(address)]
    listening = False
    out.write(report(tallies, [*inside, *beyond]))
    if options["seconds"]:
        unanswered.attack(options["seconds"], out)


def public(address: str) -> bool:
    return is_public(ip_address(address.split("%", maxsplit=1)[0]))


def attempt(address: str, reach: FetchPolicy, tally: Tally) -> None:
    started = time.perf_counter()
    tally.count += 1
    try:
        fetch_image(address, policy=reach)
    except UnreachableUrlError as error:
        tally.texts.add(str(error))
    else:
        tally.fetched.append(address)
    tally.seconds.append(time.perf_counter() - started)


def moving(port: int) -> Iterator[tuple[FetchPolicy, str]]:
    """Yield URLs that pass the check and then lead to internal addresses, by redirect or DNS rebinding, with policies.

    The policies treat our own server at 127.0.0.1 as public; its host names first resolve to it.
    """

    def allow(address: IPAddress) -> bool:
        return str(address) == "127.0.0.1" or is_public(address)

    def resolve(host: str, at: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == "first.example" else resolve_host(host, at)

    ports = frozenset({80, 443, port})
    for target in (
        "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://192.168.0.1/",
        "http://2852039166/", "file:///etc/passwd",
    ):  # fmt: skip
        yield FetchPolicy(allow=allow, resolve=resolve, ports=ports), f"http://first.example:{port}/redirect?{target}"
    for second in (["10.0.0.1"], ["169.254.169.254"], ["93.184.215.14", "10.0.0.1"], ["::1"]):
        turns = iter([["127.0.0.1"], second])

        def changing(host: str, at: int, turns: Iterator[Sequence[str]] = turns) -> Sequence[str]:
            return next(turns)

        yield FetchPolicy(allow=allow, resolve=changing, ports=ports), f"http://changes.example:{port}/again"


@contextmanager
def redirecting() -> Iterator[int]:
    """Yield the port of a server that redirects each request to the URL in its query, or else to itself."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", self.path.partition("?")[2] or "/once-more")
            self.send_header("Content-Length", "0")
            # A new connection for each hop, so that each resolves the host name again.
            self.send_header("Connection", "close")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def report(tallies: dict[str, Tally], inside: Sequence[str]) -> str:
    count = sum(tally.count for tally in tallies.values())
    lines = [f"{count} addresses", f"{'kind':30s}{'count':>6s}{'fetched':>9s}{'median s':>10s}{'slowest s':>11s}"]
    for kind, tally in tallies.items():
        middle, slowest = statistics.median(tally.seconds), max(tally.seconds)
        lines.append(f"{kind:30s}{tally.count:6d}{len(tally.fetched):9d}{middle:10.2f}{slowest:11.2f}")
    texts = set().union(*(tally.texts for tally in tallies.values()))
    fetched = [address for tally in tallies.values() for address in tally.fetched]
    times = [taken for tally in tallies.values() for taken in tally.seconds]
    differ = max(times) - min(times)
    lines += [
        said("nothing is fetched", not fetched, ", ".join(fetched) or "0"),
        said("no connection to an address that is not public", not inside, ", ".join(inside) or "0"),
        said("one text for all", len(texts) == 1, f"{len(texts)}"),
        said(f"times differ by less than {MAY_DIFFER_S:g} s", differ < MAY_DIFFER_S, f"{differ:.2f} s"),
    ]
    return "\n".join(lines)
