"""The promises that only real processes can keep or break."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from lab.harness.postgresql import postgresql
from lab.harness.trial_shop import ROOT, free_port, patience_s, wait_until
from tests.factories import drawn_picture
from tests.processes.shop import Shop, garment


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    if request.param == "sqlite":
        with Shop() as opened:
            yield opened
    else:
        with postgresql() as address, Shop(DATABASE_URL=address) as opened:
            yield opened


def test_a_photo_added_in_the_admin_is_found_within_seconds_by_every_web_process(shop: Shop) -> None:
    took = []
    with shop.admin() as client:
        for number in range(4):
            photo, sku = garment(number), f"ADMIN-{number}"
            shop.add_in_admin(client, sku, photo)
            # Ten connections in a row reach both of the two processes.
            took.append(wait_until(lambda: shop.finds_first(photo, sku, times=10), within_s=60, what=sku))  # noqa: B023  (awaited at once)

    assert shop.health()["index"]["pending"] == 0
    assert np.median(took) < patience_s(20)


def test_a_deleted_photo_is_found_no_more(shop: Shop) -> None:
    photo = garment(100)
    with shop.admin() as client:
        shop.add_in_admin(client, "GONE-1", photo)
    wait_until(lambda: shop.finds_first(photo, "GONE-1", times=4), within_s=60, what="found")

    shop.shell("from catalogue.models import Article; Article.objects.get(sku='GONE-1').delete()")

    answers = [article["sku"] for _ in range(10) for article in shop.predict(photo)["articles"]]
    assert "GONE-1" not in answers
    wait_until(lambda: shop.manage("check_index", check=False).returncode == 0, within_s=60, what="index equal")


def test_a_worker_killed_in_the_middle_of_an_import_loses_nothing(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "photos" / "prints"
    folder.mkdir(parents=True)
    for number in range(200, 320):
        (folder / f"KILL-{number}.jpg").write_bytes(garment(number))
    before = shop.health()["index"]["vectors"]

    importing = subprocess.Popen(
        [sys.executable, "manage.py", "import_catalogue", str(folder.parent)],
        cwd=ROOT,
        env=shop.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(
        lambda: shop.health()["index"]["vectors"] > before, within_s=60, what="the first imported photo is found"
    )
    for name in ("bulk", "worker"):
        shop.kill(name)
    assert importing.wait(patience_s(120)) == 0
    assert shop.health()["index"]["vectors"] < before + 120
    for name in ("bulk", "worker"):
        shop.start(name)

    # Nothing moves before what the dead worker locked is free again.
    left = shop.health()["index"]["vectors"]
    wait_until(
        lambda: shop.health()["index"]["vectors"] > left, within_s=120, what="a worker goes on", asked_every_s=0.5
    )
    answers = []

    def every_photo_is_found() -> bool:
        answers.append(shop.health()["index"])
        return bool(answers[-1]["vectors"] == before + 120)

    wait_until(every_photo_is_found, within_s=120, what="every photo is found")
    # In the very answer that says so first: nothing is found and waiting at once.
    assert answers[-1]["pending"] == 0
    assert shop.manage("check_index").returncode == 0
    assert shop.finds_first(garment(317), "KILL-317")


def test_saving_succeeds_without_a_broker_and_the_article_is_found_after_it_came_back(shop: Shop) -> None:
    photo = garment(400)
    with shop.admin() as client:
        shop.kill("broker")
        shop.add_in_admin(client, "BROKER-1", photo)

    assert (
        shop.shell("from catalogue.models import Article; print(Article.objects.filter(sku='BROKER-1').count())") == "1"
    )
    assert shop.predict(photo)["model"]["fallback"] is False
    shop.start("broker")

    wait_until(lambda: shop.finds_first(photo, "BROKER-1", times=4), within_s=60, what="found after the broker is back")


def test_a_frozen_broker_holds_up_a_save_for_seconds_at_most(shop: Shop) -> None:
    photo = garment(500)
    with shop.admin() as client:
        shop.signal("broker", signal.SIGSTOP)
        took = shop.add_in_admin(client, "FROZEN-1", photo)
        shop.signal("broker", signal.SIGCONT)

    assert took < patience_s(10)
    wait_until(lambda: shop.finds_first(photo, "FROZEN-1", times=4), within_s=120, what="found after the broker thawed")


def test_a_worker_that_cannot_acknowledge_its_tasks_takes_others(shop: Shop) -> None:
    def times(words: str) -> int:
        return shop.log("worker").count(words)

    def wait_for_one_more(words: str, before: int) -> None:
        wait_until(lambda: times(words) > before, within_s=60, what=f"the worker's log says “{words}” again")

    with shop.admin() as client:
        for number in range(3):
            for name in ("worker", "bulk"):
                shop.signal(name, signal.SIGSTOP)
            shop.add_in_admin(client, f"ACK-{number}", garment(510 + number))
            shop.shell(
                "from catalogue.models import Photo; from visualsearch.tasks import embed_photo as e;"
                f"e.apply_async([Photo.objects.get(article__sku='ACK-{number}').pk], queue='photos')"
            )
            begun, unacknowledged = times("embed_photo"), times("Couldn't ack")
            with shop.photos_locked():
                shop.signal("worker", signal.SIGCONT)
                wait_for_one_more("embed_photo", begun)
                shop.signal("broker", signal.SIGSTOP)
            wait_for_one_more("Couldn't ack", unacknowledged)
            for name in ("broker", "bulk"):
                shop.signal(name, signal.SIGCONT)
        photo = garment(520)
        shop.add_in_admin(client, "ACK-LAST", photo)

    wait_until(lambda: shop.finds_first(photo, "ACK-LAST", times=4), within_s=60, what="found after three time-outs")


def test_rebuilding_serves_all_the_while(shop: Shop) -> None:
    photo = garment(0)
    rebuilding = subprocess.Popen([sys.executable, "manage.py", "rebuild_index"], cwd=ROOT, env=shop.environment)

    found = []
    while rebuilding.poll() is None:
        found.append(shop.finds_first(photo, "ADMIN-0"))

    assert rebuilding.returncode == 0
    assert found
    assert all(found)


def test_the_schema_says_what_the_running_server_does(shop: Shop) -> None:
    """Reading requests made from the OpenAPI document: no answer that it does not describe, and none that fails."""
    checked = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"),
            "run",
            f"{shop.address}/api/schema",
            "--max-examples=8",
            "--phases=examples,coverage,fuzzing",
            "--checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=shop.data,
        env=shop.environment,
    )

    assert checked.returncode == 0, checked.stdout[-6000:]


def processes_of(folder: Path) -> list[str]:
    """Return the command lines of the processes whose environment names the data folder."""
    mark, found = f"SHOP_DATA_DIR={folder}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_one_command_runs_it_all_and_a_signal_stops_it_all(
    tmp_path_factory: pytest.TempPathFactory, number: signal.Signals
) -> None:
    folder, port = Path(os.path.realpath(tmp_path_factory.mktemp("s"))), free_port()
    environment = {**os.environ, "SHOP_DATA_DIR": str(folder), "PORT": str(port)}
    environment["DJANGO_SETTINGS_MODULE"] = "shop.settings"
    run = [sys.executable, "manage.py"]
    (folder / "in").mkdir()
    (folder / "in" / "ONE.png").write_bytes(drawn_picture("#b00020"))
    subprocess.run([*run, "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
    # A shop that has an article gets no demo catalogue.
    subprocess.run([*run, "import_catalogue", str(folder / "in")], cwd=ROOT, env=environment, check=True)

    said = folder / "said"
    with said.open("wb") as output:
        running = subprocess.Popen([*run, "run_shop"], cwd=ROOT, env=environment, stdout=output)
    started = time.monotonic()
    wait_until(lambda: "Ctrl-C stops it" in said.read_text(), within_s=120, what="the shop is open")
    opened_after = time.monotonic() - started
    address = f"http://localhost:{port}/api/health"
    wait_until(lambda: httpx.get(address).json()["index"]["vectors"] == 1, within_s=30, what="the photo is found")
    health = httpx.get(address).json()
    second = subprocess.run([*run, "run_shop"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    running.send_signal(number)
    running.wait(patience_s(60))

    assert (health["status"], health["index"]["vectors"]) == ("ok", 1)
    assert "/admin/   admin / " in said.read_text()
    assert second.returncode == 1
    assert "already running on" in second.stderr
    assert running.returncode == 0
    assert processes_of(folder) == []
    assert opened_after < patience_s(120)
