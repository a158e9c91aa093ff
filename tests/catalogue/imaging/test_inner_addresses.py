"""No picture is fetched from within our own network, however its address is written."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from catalogue.imaging import FetchPolicy, fetch_image, fetching, is_public
from catalogue.imaging.addresses import IPAddress, resolve_host
from tests.catalogue.imaging.web_servers import PICTURE, REFUSAL, redirecting_to, refusal_of, send, serving


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.0.0.1./",
        "http://0/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://10.0.0.1/",
        "http://192.168.0.1/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://192.0.0.192/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
    ],
)
def test_no_way_of_writing_an_inner_address_is_connected_to(url: str) -> None:
    checked: list[IPAddress] = []

    def allow(address: IPAddress) -> bool:
        checked.append(address)
        return is_public(address)

    assert refusal_of(url, policy=FetchPolicy(allow=allow)) == REFUSAL
    assert all(not is_public(address) for address in checked)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "picture.jpg",
        "//example.com/a.jpg",
        "ftp://example.com/a.jpg",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "http://",
        "http:///a.jpg",
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://example.com@127.0.0.1/",
        "http://example.com:22/",
        "http://example.com:6379/",
        "http://example.com:99999/",
        "https://example.com:8443/",
        "http://a..b/",
        "http://" + "a" * 70 + ".com/",
        "http://example.com/\r\nHost: inner",
        "http://[::1",
        "http://\0/",
    ],
)
def test_an_address_that_is_not_a_plain_web_address_is_not_even_resolved(url: str) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        if host.startswith("a"):
            return resolve_host(host, port)  # Names that no resolver takes.
        raise AssertionError(f"{host} was resolved")

    assert refusal_of(url, policy=FetchPolicy(resolve=resolve)) == REFUSAL


def test_a_name_with_one_inner_address_is_refused() -> None:
    with serving(send) as server:
        reach = server.reach(resolve=lambda host, port: ["127.0.0.1", "10.0.0.1"])

        assert refusal_of(f"http://mixed.example:{server.port}/", policy=reach) == REFUSAL

    assert server.asked == []


def test_a_name_that_changes_its_address_is_connected_to_where_it_was_checked() -> None:
    with serving(send) as outside, serving(send) as inside:
        answers = iter([["127.0.0.1"]])
        reach = outside.reach(resolve=lambda host, port: next(answers))

        data = fetch_image(f"http://rebinding.example:{outside.port}/", policy=reach)

    assert data == PICTURE
    assert (len(outside.asked), len(inside.asked)) == (1, 0)


def test_a_name_that_is_inside_the_second_time_is_refused_then() -> None:
    with serving(redirecting_to("/again")) as server:
        answers = iter([["127.0.0.1"], ["10.0.0.1"]])
        reach = server.reach(resolve=lambda host, port: next(answers))

        assert refusal_of(f"http://rebinding.example:{server.port}/", policy=reach) == REFUSAL

    assert [path for path, _ in server.asked] == ["/"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/",
        "http://169.254.169.254:{port}/latest/meta-data/",
        "http://[::1]:{port}/",
        "http://10.0.0.1:{port}/",
        "//192.168.0.1:{port}/",
        "http://127.0.0.1:22/",
        "http://user:word@127.0.0.1:{port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
        "",
    ],
)
def test_a_redirect_to_where_we_do_not_go_is_refused(location: str, status: int) -> None:
    with serving(lambda handler: send(handler, b"", status, Location=location.format(port=server.port))) as server:
        assert refusal_of(f"http://127.0.0.1:{server.port}/", policy=server.reach(max_redirects=1)) == REFUSAL

    assert {path for path, _ in server.asked} == {"/"}


def test_refusals_are_told_apart_by_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "REFUSED_EVERY_S", 0.3)

    def slowly(host: str, port: int) -> Sequence[str]:
        time.sleep(0.1)
        return ["10.0.0.1"]

    attempts = {
        "http://127.0.0.1/": FetchPolicy(),
        "http://inner.example/": FetchPolicy(resolve=slowly),
        "ftp://x": FetchPolicy(),
    }
    # The shortest of several: a busy machine wakes whoever waits too late, and never too early.
    shortest = dict.fromkeys(attempts, float("inf"))
    for _ in range(20):
        for url, reach in attempts.items():
            started = time.monotonic()
            assert refusal_of(url, policy=reach) == REFUSAL
            shortest[url] = min(shortest[url], time.monotonic() - started)
        if max(shortest.values()) - min(shortest.values()) < 0.09:
            break

    assert min(shortest.values()) >= 0.29
    assert max(shortest.values()) - min(shortest.values()) < 0.09
