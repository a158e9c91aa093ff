"""A whole shop on a real Milvus server, which is killed and frozen. Run by `make test-milvus`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.harness.milvus import Server, milvus_server
from lab.harness.trial_shop import TrialError, wait_until
from tests.processes.shop import Shop, garment

pytest.importorskip("milvus", reason="the server's package is installed by make test-milvus, on x86-64")

BACK_WITHIN_S = 60


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with milvus_server() as running:
        yield running


@pytest.fixture(scope="module")
def shop(server: Server) -> Iterator[Shop]:
    with Shop(
        SHOP_VECTOR_INDEX="visualsearch.index.milvus.MilvusIndex",
        SHOP_MILVUS_URI=server.uri,
        SHOP_MILVUS_TIMEOUT_S="2",
        # Compacted often, so that what is searched is in Milvus and not in the processes' memory.
        SHOP_INDEX_COMPACT_CHANGES="4",
    ) as opened:
        yield opened


def add(shop: Shop, sku: str, number: int) -> None:
    with shop.admin() as client:
        shop.add_in_admin(client, sku, garment(number))


def status(shop: Shop, number: int) -> int:
    """Return the HTTP status of a search by photo."""
    return shop.client.post("/api/predict", files={"image": garment(number)}).status_code


def finds(shop: Shop, number: int, sku: str) -> bool:
    """Whether every web process finds the article first. One that was just refused waits before it asks again."""
    try:
        return shop.finds_first(garment(number), sku, times=4)
    except TrialError:
        return False


def test_what_is_saved_is_found_and_compacted_into_the_server(shop: Shop) -> None:
    for number in range(6):
        add(shop, f"M-{number}", number)

    wait_until(lambda: shop.health()["index"]["snapshot_sequence"] > 0, within_s=60, what="compacted")

    for number in range(6):
        wait_until(lambda: finds(shop, number, f"M-{number}"), within_s=60, what=f"M-{number}")  # noqa: B023  (awaited at once)
    assert shop.manage("check_index").returncode == 0


@pytest.mark.parametrize("interruption", ["killed", "frozen"])
def test_without_the_server_the_shop_goes_on_and_loses_nothing(shop: Shop, server: Server, interruption: str) -> None:
    number = 100 if interruption == "killed" else 200
    add(shop, f"BEFORE-{number}", number)
    wait_until(lambda: finds(shop, number, f"BEFORE-{number}"), within_s=60, what="found before")

    server.kill() if interruption == "killed" else server.freeze()
    try:
        wait_until(lambda: status(shop, number) == 503, within_s=30, what="searches say that they are unavailable")
        with shop.admin() as client:
            shop.add_in_admin(client, f"MEANWHILE-{number}", garment(number + 1))
        assert shop.client.get("/").status_code == 200
        wait_until(lambda: shop.health()["status"] == "down", within_s=30, what="health says so")
    finally:
        server.start_again() if interruption == "killed" else server.resume()

    for sku, photo in ((f"BEFORE-{number}", number), (f"MEANWHILE-{number}", number + 1)):
        wait_until(
            lambda: finds(shop, photo, sku),  # noqa: B023  (awaited at once)
            within_s=BACK_WITHIN_S,
            what=f"{sku} is found after the server came back",
        )
    wait_until(
        lambda: shop.manage("check_index", check=False).returncode == 0, within_s=60, what="index equal to the rows"
    )
