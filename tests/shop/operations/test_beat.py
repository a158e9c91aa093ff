"""Celery's clock keeps its times in a file, and goes on without it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from shop.operations.beat import FileScheduler


@pytest.fixture
def app() -> Celery:
    made = Celery("clock", set_as_current=False)
    made.conf.beat_schedule = {"daily": {"task": "some.task", "schedule": timedelta(days=1)}}
    return made


def open_scheduler(app: Celery, folder: Path) -> Any:
    return FileScheduler(app=app, schedule_filename=str(folder / "beat-schedule"))


def test_a_daily_task_is_due_though_the_clock_was_started_anew(app: Celery, tmp_path: Path) -> None:
    first = open_scheduler(app, tmp_path)
    first.schedule["daily"].last_run_at = datetime.now(UTC) - timedelta(hours=25)
    first.sync()

    assert open_scheduler(app, tmp_path).schedule["daily"].is_due().is_due is True
    assert open_scheduler(app, tmp_path / "elsewhere").schedule["daily"].is_due().is_due is False


def test_a_file_that_cannot_be_written_is_no_error(app: Celery, tmp_path: Path) -> None:
    clock = open_scheduler(app, tmp_path / "gone")

    clock.sync()

    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("content", ["", "[]", '{"daily": 5}', '{"daily": "soon"}', "\x00" * 9])
def test_a_damaged_file_is_as_none(app: Celery, tmp_path: Path, content: str) -> None:
    (tmp_path / "beat-schedule.json").write_text(content)

    assert open_scheduler(app, tmp_path).schedule["daily"].is_due().is_due is False


def test_a_time_to_come_of_a_clock_that_was_set_back_is_forgotten(app: Celery, tmp_path: Path) -> None:
    first = open_scheduler(app, tmp_path)
    first.schedule["daily"].last_run_at = datetime.now(UTC) + timedelta(days=400)
    first.sync()

    assert open_scheduler(app, tmp_path).schedule["daily"].is_due().next < 2 * 86_400


def test_a_clock_that_is_set_back_while_it_runs_sends_again_as_soon_as_is_usual(app: Celery, tmp_path: Path) -> None:
    running = open_scheduler(app, tmp_path)
    running.schedule["daily"].last_run_at = datetime.now(UTC) + timedelta(hours=2)

    running.tick()

    assert running.schedule["daily"].is_due().next <= 86_400
