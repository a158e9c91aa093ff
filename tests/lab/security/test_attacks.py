"""The attacks themselves: they find what is wrong, and a shop withstands them."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from catalogue.exceptions import UnreadableImageError
from catalogue.imaging import FetchPolicy, fetching, read_image
from catalogue.imaging.jpeg import read_scans
from lab.security import addresses, costly_files, crowds, files
from lab.security.costly_files import COSTLY
from lab.security.generated_files import made_files


def test_hostile_files_are_read_if_they_can_be_and_refused_if_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.txt").write_text("no picture")
    monkeypatch.setattr(crowds, "LASTS_AT_LEAST_S", 1.0)
    monkeypatch.setattr(crowds, "OBSERVED_S", 3.0)
    out = io.StringIO()

    call_command("attack", "files", "--rounds=1", f"--folder={tmp_path}", "--at-once=12", "--kinds=PNG", stdout=out)

    said = out.getvalue()
    assert "goal: each is read if it can be, and refused if not: met" in said, said
    assert "goal: no process dies, and the shop is well: met" in said, said
    assert "given" in said
    assert "goal: others' searches are all answered: met" in said
    assert "goal: at most 300 MB more: met" in said
    assert "503 and Retry-After" in said
    assert "goal: nothing is answered for clients that left: met" in said


def test_costly_files_are_small_and_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costly_files, "SIZE", (819, 614))
    monkeypatch.setattr(costly_files, "THIN_PIXELS", 5_000)
    made = {kind: make() for kind, make in COSTLY.items()}

    assert all(len(content) < 20_000 for content in made.values())
    for kind, content in made.items():
        if kind == "PNG, 1 × 50,000,000":
            with pytest.raises(UnreadableImageError, match="50 times the other"):
                read_image(content)
        else:
            assert read_image(content).size == (819, 614), kind
    assert read_scans(made["JPEG, 95 scans"]).count == costly_files.SCANS


def test_what_a_crowd_does_to_others_is_told() -> None:
    good, bad = crowds.Crowd(Counter({"413": 30}), [0.1] * 20), crowds.Crowd(Counter({"200": 30}), [5.0], 1, 400.0, 9.0)

    said = crowds.report({"good": good, "bad": bad}, 30, 7)

    assert "30 × 413" in said
    assert said.count(": missed") == 4
    assert crowds.report({"good": good}, 30, 0).count(": met") == 4


def test_addresses_that_lead_inside_are_not_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "REFUSED_EVERY_S", 0.2)
    out = io.StringIO()

    call_command("attack", "addresses", "--seconds=0", stdout=out)

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

    call_command("attack", "addresses", "--seconds=0", stdout=out)

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
