"""A trial of a cluster: its machines, what it reports, and, where HAProxy is, the trial itself."""

from __future__ import annotations

import re
import shutil
from io import StringIO

import pytest
from django.core.management import call_command

from lab.cluster.machines import Machine
from lab.cluster.trial import Report


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
