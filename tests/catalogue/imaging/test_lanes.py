"""Costly pictures are decoded one at a time, a few wait, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from catalogue.exceptions import BusyError
from catalogue.imaging import lanes
from catalogue.imaging.lanes import costly_lane, memory_share
from catalogue.imaging.patience import Patience, check_patience, waiting

FOREVER = float("inf")


@pytest.fixture(params=["of a process", "of a machine"], autouse=True)
def lane(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "_folder", tmp_path if request.param == "of a machine" else None)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lanes, "WAITS_AT_MOST_S", 0.05)
    yield


def ask(*, until: float = FOREVER, left: bool = False) -> str:
    """Ask for the lane, as a request does, in a thread of its own."""

    def told() -> str:
        with waiting(Patience(until, lambda: left)):
            try:
                with costly_lane():
                    return "taken"
            except BusyError as error:
                return error.message.code

    with ThreadPoolExecutor(1) as beside:
        return beside.submit(told).result()


@pytest.mark.usefixtures("short")
def test_one_costly_picture_of_requests_is_decoded_at_a_time() -> None:
    with waiting(Patience(FOREVER)), costly_lane():
        assert ask() == "image.busy"

    assert ask() == "taken"


def test_what_nobody_waits_for_any_more_does_not_wait_either() -> None:
    with waiting(Patience(FOREVER)), costly_lane():
        assert ask(left=True) == "request.out_of_time"
        assert ask(until=time.monotonic()) == "request.out_of_time"


def test_a_few_wait_and_others_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "WAITS_AT_MOST_S", FOREVER)
    with ThreadPoolExecutor(lanes.WAITING_AT_MOST) as pool:
        with waiting(Patience(FOREVER)), costly_lane():
            waits = [pool.submit(ask) for _ in range(lanes.WAITING_AT_MOST)]
            while lanes._requests_waiting._value:
                time.sleep(0.001)
            assert ask() == "image.busy"

        assert [one.result() for one in waits] == ["taken"] * lanes.WAITING_AT_MOST


@pytest.mark.usefixtures("short")
def test_workers_have_a_lane_of_their_own_and_wait_as_long_as_they_must() -> None:
    done = threading.Event()

    def work() -> None:
        with costly_lane():
            done.set()

    with costly_lane():
        assert ask() == "taken"
        second = threading.Thread(target=work)
        second.start()
        assert not done.wait(0.15)
    second.join()
    assert done.is_set()


def test_a_folder_that_takes_no_file_leaves_each_process_its_own_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "_folder", Path("/nowhere/at/all"))

    assert ask() == "taken"


@pytest.mark.usefixtures("short")
def test_the_memory_of_a_process_is_shared() -> None:
    with waiting(Patience(FOREVER)):
        half, quarter = memory_share(lanes.SHARED_BYTES // 2 + 1), memory_share(lanes.SHARED_BYTES // 4)
        with half, quarter, pytest.raises(BusyError), memory_share(0):
            pass
        with memory_share(10 * lanes.SHARED_BYTES), pytest.raises(BusyError), memory_share(0):
            pass
        # However small, of more than four at once none is ready sooner.
        with ExitStack() as four:
            for _ in range(4):
                four.enter_context(memory_share(0))
            with pytest.raises(BusyError), memory_share(0):
                pass


def test_patience_ends_with_its_request() -> None:
    with waiting(Patience(time.monotonic() - 1)), pytest.raises(BusyError, match="took too long"):
        check_patience()

    check_patience()
