"""The attacks themselves: they find what is wrong, and a shop withstands them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from catalogue.imaging import FetchPolicy, fetching
from lab.security import addresses, files
from lab.security.generated_files import made_files


def test_hostile_files_are_read_if_they_can_be_and_refused_if_not(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("no picture")
    out = io.StringIO()

    call_command("attack", "files", "--rounds=1", f"--folder={tmp_path}", stdout=out)

    said = out.getvalue()
    assert "goal: each is read if it can be, and refused if not: met" in said, said
    assert "goal: no process dies, and the shop is well: met" in said, said
    assert "given" in said


def test_addresses_that_lead_inside_are_not_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "REFUSED_EVERY_S", 0.2)
    out = io.StringIO()

    call_command("attack", "addresses", stdout=out)

    said = out.getvalue()
    assert said.count(": met") >= 3, said
    assert "goal: nothing is fetched: met" in said
    assert "goal: no connection to an address that is not public: met" in said
    assert "goal: one text for all: met" in said
    assert int(said.split()[0]) >= 60


def test_a_request_to_an_inner_address_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "REFUSED_EVERY_S", 0.0)
    monkeypatch.setattr(addresses, "PLAIN", {"this machine": ["http://127.0.0.1/"]})
    monkeypatch.setattr("catalogue.imaging.addresses.FetchPolicy.allow", lambda self, address=None: True)
    monkeypatch.setattr(addresses, "FetchPolicy", lambda **more: FetchPolicy(allow=lambda address: True))
    out = io.StringIO()

    call_command("attack", "addresses", stdout=out)

    assert "goal: no connection to an address that is not public: missed (127.0.0.1" in out.getvalue()


def test_what_is_not_as_it_should_be_is_named() -> None:
    tally = files.Tally()
    tally.statuses["500"] += 1
    tally.wrong.append("a.jpg: 500")

    said = files.report({"odd": tally}, 1, [10.0, 90.0], alive=False)

    assert "not as it should be: odd: a.jpg: 500" in said
    assert said.count(": missed") == 3


def test_the_files_are_the_same_for_the_same_seed_and_of_every_kind() -> None:
    first, again, other = (list(made_files(seed=seed)) for seed in (1, 1, 2))

    assert first == again != other
    assert {file.kind for file in first} == {
        "bomb",
        "polyglot",
        "no picture",
        "orientation",
        "damaged",
        "cut off",
        "odd",
    }
