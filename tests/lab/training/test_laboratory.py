from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from lab.evaluation.looking import read_file
from lab.experiments.cards import RowCard, read_cards
from lab.experiments.plan import TINY, tiny
from visualsearch.inference.artefact import open_model

pytestmark = [
    # The converter says so of every int8 input, whose statistics the representative photos give.
    pytest.mark.filterwarnings("ignore:Statistics for quantized inputs were expected"),
    # TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Go through the whole laboratory once, in the quick mode; return its folder."""
    folder = tmp_path_factory.mktemp("laboratory")
    call_command("lab", "run", "--tiny", "--output", str(folder), stdout=StringIO())
    return folder


@pytest.fixture
def cards(laboratory: Path) -> dict[str, RowCard]:
    return {card.name: card for card in read_cards(laboratory)}


def test_every_row_can_serve(laboratory: Path, cards: dict[str, RowCard]) -> None:
    photo = next((laboratory / "drawn" / "clothing" / "images").glob("*.jpg"))
    for name in TINY:
        model = open_model(laboratory / name, interpreters=1)
        assert np.linalg.norm(model.embed([read_file(photo)]), axis=1) == pytest.approx([1], abs=1e-5)
    assert set(cards) == set(TINY)


def test_the_plan_of_the_quick_mode_has_every_technique_and_chapter(cards: dict[str, RowCard]) -> None:
    rows = tiny()

    assert {row.technique for row in rows} == {
        "trained", "brought", "converted", "aware", "masked", "narrowed", "student", "unfolded"
    }  # fmt: skip
    assert {card.chapter for card in cards.values()} == {
        "architectures", "quantisation", "pruning", "distillation", "folding", "combination"
    }  # fmt: skip


def test_rows_of_one_network_share_its_space_and_others_do_not(cards: dict[str, RowCard]) -> None:
    for name in ("float16", "dynamic", "int8", "int8-aware", "pruned-50"):
        assert cards[name].facts["space"] == "float32/1"
        assert cards[name].facts["initial_weights"]["file"] == "random"
        assert cards[name].facts["data"]["origin"] == "drawn by this project"
        assert cards[name].lab["float32"] == "float32"
    assert cards["half-alone"].facts["space"] == "half-alone/1"
    assert cards["half-combined"].facts["space"] == "half-taught/1"


def test_what_computes_the_same_has_a_cosine_of_one(cards: dict[str, RowCard]) -> None:
    cosines = {name: card.facts["cosine_with_float32"]["mean"] for name, card in cards.items()}

    assert cosines["float32"] == 1.0
    assert cosines["float16"] == pytest.approx(1.0, abs=1e-3)
    assert cosines["norms-kept"] == pytest.approx(cosines["norms-folded"], abs=1e-3)


def test_quantising_makes_files_smaller(cards: dict[str, RowCard]) -> None:
    sizes = {name: card.file_bytes for name, card in cards.items()}

    assert sizes["float16"] < 0.6 * sizes["float32"]
    assert sizes["int8"] < 0.5 * sizes["float32"]
    assert sizes["channels-50"] < sizes["int8"]
    assert cards["pruned-50"].compressed_bytes < cards["int8"].compressed_bytes


def test_folding_leaves_no_batch_norm(cards: dict[str, RowCard]) -> None:
    assert cards["norms-kept"].lab["layers"]["BatchNormalization"] > 0
    assert "BatchNormalization" not in cards["norms-folded"].lab["layers"]


def test_cards_say_what_it_took(cards: dict[str, RowCard]) -> None:
    card = cards["pruned-50"]

    assert card.lab["core_seconds"] > 0
    assert card.lab["zero_share"] == pytest.approx(0.5, abs=0.02)
    assert card.facts["made"]["recipe"]["architecture"] == "trial"
    assert card.facts["initial_weights"]["file"] == "random"
    assert card.facts["data"]["origin"] == "drawn by this project"
    assert card.lab["command"] == "python manage.py lab run pruned-50 --tiny"
    assert set(card.report.recall) >= {"made queries", "Luma", "mixed", "rooms"}


def test_all_rows_are_timed_in_one_run(cards: dict[str, RowCard]) -> None:
    timings = [card.timing for card in cards.values()]

    assert len({timing["at"] for timing in timings if timing}) == 1
    assert all(timing and timing["photos_a_second"] > 0 for timing in timings)


def test_a_row_that_fails_leaves_the_others_alone(
    laboratory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = laboratory / "drawn" / "clothing"

    with pytest.raises(CommandError, match="These rows failed: float32, int8"):
        call_command("lab", "run", "int8", "--data", str(data), "--output", str(tmp_path), stdout=StringIO())

    assert "Name the folder where train_model left the network, served.keras, origins.json, " in caplog.text
    assert "training.json: --shipped." in caplog.text
    assert "int8 comes from float32, which is not finished" in caplog.text


def test_a_finished_row_is_not_made_again(laboratory: Path) -> None:
    before = (laboratory / "squeezenet" / "model.tflite").stat().st_mtime_ns

    call_command("lab", "run", "squeezenet", "--tiny", "--output", str(laboratory), stdout=StringIO())

    assert (laboratory / "squeezenet" / "model.tflite").stat().st_mtime_ns == before


def test_an_interrupted_row_goes_on_from_the_graph_that_it_has(laboratory: Path) -> None:
    row = laboratory / "pruned-50"
    card, graph = (row / "card.json").read_text(), (row / "served.keras").stat().st_mtime_ns
    (row / "card.json").unlink()

    call_command("lab", "run", "pruned-50", "--tiny", "--output", str(laboratory), stdout=StringIO())

    assert (row / "served.keras").stat().st_mtime_ns == graph
    again, before = json.loads((row / "card.json").read_text()), json.loads(card)
    assert again["lab"]["cases"] == before["lab"]["cases"]
    assert again["lab"]["core_seconds"] > before["lab"]["core_seconds"]


def test_a_row_of_another_plan_is_refused(laboratory: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = laboratory / "drawn" / "clothing"

    with pytest.raises(CommandError, match="These rows failed: squeezenet"):
        call_command("lab", "run", "squeezenet", "--data", str(data), "--output", str(laboratory), stdout=StringIO())

    assert "made by another plan" in caplog.text


def test_the_report_has_a_line_for_each_row_and_needs_nothing_beside_it(laboratory: Path) -> None:
    page = (laboratory / "report.html").read_text(encoding="utf-8")

    for name in TINY:
        assert f'id="row-{name}"' in page
    assert page.count("<svg") == 2
    assert "data:image/jpeg;base64," in page
    # Only the SVG's own names are addresses.
    assert not re.findall(r'(?:src|href)="(?!#|data:)', page)


def test_the_report_can_be_made_from_cards_alone_and_in_french(laboratory: Path, tmp_path: Path) -> None:
    for name in TINY:
        (tmp_path / f"{name}.json").write_bytes((laboratory / name / "card.json").read_bytes())

    page = _page(tmp_path, "--language", "fr")

    assert '<html lang="fr">' in page
    assert "Le laboratoire des modèles" in page
    assert "The model laboratory" not in page


def test_two_rows_are_compared_by_the_same_cases(laboratory: Path) -> None:
    out = StringIO()

    call_command("lab", "compare", "float32", "float16", "--from-cards", str(laboratory), stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[0].split()[:2] == ["float32", "float16"]
    # The names, the category, recall at three depths of five sets of queries, the dark photos, and the composites.
    assert len(lines) == 1 + 1 + 5 * 3 + 1 + 3
    # Both halves of a point come to the same, or nearly.
    assert lines[1].endswith(("none", "may be chance"))


def _page(cards: Path, *options: str) -> str:
    file = cards / "report.html"
    call_command("lab", "report", "--from-cards", str(cards), "--output", str(file), *options, stdout=StringIO())
    return file.read_text(encoding="utf-8")
