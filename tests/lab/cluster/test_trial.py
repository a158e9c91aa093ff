"""A trial of a cluster: its machines, what it reports, and, where HAProxy is, the trial itself."""

from __future__ import annotations

import re
import shutil
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from lab.benchmarks.rollout import Answered
from lab.cluster.machines import Machine
from lab.cluster.report import Report, failures
from lab.cluster.services import running
from lab.cluster.versions import checkout
from lab.harness.trial_shop import ROOT, TrialError, wait_until


def test_machines_run_all_but_what_they_share_and_one_of_them_the_scheduler() -> None:
    first, second = (Machine(name, schedules=name == "m1") for name in ("m1", "m2"))

    assert set(first.commands) == {"web", "worker", "bulk", "beat"}
    assert set(second.commands) == {"web", "worker", "bulk"}
    # Celery tells workers apart by these.
    named = [re.findall(r"--hostname (\S+)", machine.commands["worker"]) for machine in (first, second)]
    assert named == [["photos@m1"], ["photos@m2"]]


def test_who_takes_the_place_of_a_machine_has_its_address_and_another_disk() -> None:
    machine = Machine("m1", schedules=True, SHOP_S3_BUCKET="shop")

    after = machine.successor()

    assert (after.name, after.port, after.address) == ("m1", machine.port, machine.address)
    assert after.environment["PORT"] == str(machine.port)
    assert after.environment["SHOP_S3_BUCKET"] == "shop"
    assert after.data != machine.data
    assert after.environment["SHOP_DATA_DIR"] == str(after.data)
    assert after.commands == machine.commands


def test_a_machine_starts_with_the_code_of_a_version_and_is_upgraded_to_another(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("broker: old\nweb: old web\nworker: old --hostname photos@%h\n")
    machine = Machine("m1", schedules=True, code=tmp_path)

    before, code_of_successor = dict(machine.commands), machine.successor().code
    machine.run_code(ROOT)

    assert before == {"web": "old web", "worker": "old --hostname photos@m1"}
    assert code_of_successor == tmp_path
    assert machine.code == ROOT
    assert machine.commands == Machine("m1", schedules=True).commands


def test_a_version_is_a_folder_or_a_commit(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("web: old web\n")

    with checkout(str(tmp_path)) as folder:
        assert folder == tmp_path
    with (
        pytest.raises(TrialError, match="no-such-version is neither a checkout nor a commit"),
        checkout("no-such-version"),
    ):
        pass


def test_a_shared_server_is_killed_and_started_again_by_the_same_command(tmp_path: Path) -> None:
    code = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).open('a').write('started '); time.sleep(60)"
    file = tmp_path / "starts"

    with running([sys.executable, "-c", code, str(file)]) as server:
        wait_until(lambda: file.exists() and file.read_text() == "started ", within_s=10, what="it starts")
        server.end_at_once()
        server.start_again()
        wait_until(lambda: file.read_text() == "started started ", within_s=10, what="it starts again")


def test_searches_that_fail_later_are_counted_apart() -> None:
    answers = [Answered(1.0, 1.5, "model"), Answered(2.0, 2.5, "", "503"), Answered(9.0, 9.5, "", "503")]

    failed, late = failures(answers, after=5.0)

    assert (failed, late) == (answers[1:], answers[2:])


def test_a_report_counts_the_promises_that_were_broken() -> None:
    lines: list[str] = []
    report = Report(lines.append)

    report.add("searches", "12")
    report.add("lost", "0", kept=True)
    report.add("failed", "1: late", kept=False)

    assert [line.split("  ")[-1].strip() for line in lines] == ["12", "kept", "BROKEN"]
    assert report.broken == ["failed: 1: late"]


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="needs the package haproxy of the system")
def test_a_cluster_keeps_what_it_promises() -> None:
    """A machine that is killed, replaced and upgraded loses nothing, and no search fails but for a moment."""
    out = StringIO()

    call_command("cluster", "trial", saves=2, clients=1, stdout=out)

    assert "BROKEN" not in out.getvalue()
    assert out.getvalue().count("kept") >= 10
