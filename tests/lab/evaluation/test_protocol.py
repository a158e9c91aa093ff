from __future__ import annotations

import csv
import hashlib
import json
import shutil
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from lab.evaluation.clothing import LabelledPhoto, in_order, read_photos, split
from lab.evaluation.failures import TILE
from lab.evaluation.gallery import Gallery
from lab.evaluation.looking import Looked
from lab.evaluation.luma import judge_luma
from lab.evaluation.protocol import judge_similar
from lab.evaluation.query_augmentation import darkened, generator_for, shopper_photo, write_queries
from tests.visualsearch.garments import BLUE, GREEN, RED, draw_garment, write_collection
from visualsearch.inference.artefact import open_model

INT8 = Path(__file__).parents[3] / "visualsearch" / "artefacts" / "mobilenetv2-clothing-int8"


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    folder = tmp_path / "garments"
    write_collection(folder, [f"contributor {number}" for number in range(200)], kinds=["dress"])
    return folder


def test_the_sixty_smallest_hashes_judge_and_nobody_is_in_two_parts(collection: Path) -> None:
    parts = split(read_photos(collection))

    names = [f"contributor {number}" for number in range(200)]
    smallest = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())[:60]
    judges, calibrators, trainers = (
        {photo.contributor for photo in part} for part in (parts.judging, parts.calibration, parts.training)
    )
    assert judges == set(smallest)
    assert (len(calibrators), len(trainers)) == (25, 115)
    assert not (judges & calibrators or judges & trainers or calibrators & trainers)


def test_a_shoppers_photo_depends_on_its_name_alone() -> None:
    photo, room = draw_garment("dress"), draw_garment("pants", GREEN)

    first, again = (shopper_photo(photo, room, generator_for("a.jpg")) for _ in range(2))
    other = shopper_photo(photo, room, generator_for("b.jpg"))

    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()
    assert 0.83 * 120 - 1 <= first.width <= 120


def test_queries_that_exist_are_kept(collection: Path, tmp_path: Path) -> None:
    parts = split(read_photos(collection))
    folder = tmp_path / "queries"
    write_queries(parts.judging[:2], parts.training, folder)
    kept, removed = (folder / photo.path.name for photo in parts.judging[:2])
    content = removed.read_bytes()
    kept.write_bytes(b"kept")
    removed.unlink()

    write_queries(parts.judging[:2], parts.training, folder)

    assert kept.read_bytes() == b"kept"
    assert removed.read_bytes() == content


def test_luma_counts_strict_pairs_whose_other_view_is_in_the_gallery(tmp_path: Path) -> None:
    colours = {"red": RED, "green": GREEN, "blue": BLUE}
    (tmp_path / "images").mkdir()
    for name, colour in colours.items():
        draw_garment("dress", colour).save(tmp_path / "images" / f"{name}-main.png")
        draw_garment("dress", colour, size=(130, 150)).save(tmp_path / "images" / f"{name}-back.png")
    paths = [f"images/{name}-{view}.png" for name in colours for view in ("main", "back")]
    _write_rows(tmp_path / "gallery.csv", [{"path": path} for path in paths])
    row = {"query_path": "images/red-back.png", "positive_path": "images/red-main.png"}
    strict = row | {"colour_match": "1", "kind": "clothing", "query_view": "back"}
    _write_rows(
        tmp_path / "pairs.csv",
        [
            strict,
            strict
            | {"query_path": "images/blue-back.png", "positive_path": "images/blue-main.png", "query_view": "alt1"},
            strict | {"kind": "gear"},
            strict | {"colour_match": "0"},
            # A query's photo is never in the gallery.
            strict | {"query_path": "images/green-back.png", "positive_path": "images/red-back.png"},
        ],
    )

    recall = judge_luma(open_model(INT8), tmp_path).report().recall

    assert {name: (found[1].value, found[1].count) for name, found in recall.items()} == {
        "Luma": (1.0, 2),
        "Luma, back": (1.0, 1),
        "Luma, close-up": (1.0, 1),
    }


def test_a_dark_photo_has_a_quarter_to_a_half_of_its_light(tmp_path: Path) -> None:
    grey = Image.new("RGB", (8, 8), (200, 100, 40))
    files = [tmp_path / f"{number}.png" for number in range(20)]
    for file in files:
        grey.save(file)

    lit = [np.asarray(darkened(file))[0, 0] for file in files]

    shares = [pixel[0] / 200 for pixel in lit]
    assert min(shares) == pytest.approx(0.275, abs=0.03)
    assert max(shares) == pytest.approx(0.475, abs=0.03)
    np.testing.assert_array_equal(np.asarray(darkened(files[0]))[0, 0], lit[0])


def test_similar_articles_are_counted_by_looks_and_as_a_page_shows_them() -> None:
    """Eight pairs of pants look just like the one dress that judges, eight dresses do not."""
    judge, other, third = in_order("abc")
    photos = [
        LabelledPhoto(Path(f"{number}"), contributor, category, category)
        for number, (contributor, category) in enumerate(
            [(judge, "dress"), *[(other, "pants")] * 8, *[(third, "dress")] * 8]
        )
    ]
    model = open_model(INT8, interpreters=1)
    like, unlike = model.predict([draw_garment("dress", RED), draw_garment("pants", BLUE)])
    inferences = [like] * 9 + [unlike] * 8
    vectors = np.stack([model.descriptor.join(one.shape, one.colour) for one in inferences])

    cases = judge_similar(model, photos, Looked(inferences, Gallery(vectors, np.arange(17))))

    expected = {"similar@8, by looks alone": 0.0, "similar@8, as shown": 1.0}
    assert {name: share.value for name, share in cases.certainty.items()} == expected
    # To be paired with those of another model.
    assert {name: hits.tolist() for name, hits in cases.hits.items()} == {
        name: [share] for name, share in expected.items()
    }
    assert cases.judged.keys() == expected.keys()


def test_failures_are_shown_on_sheets_and_cases_kept_to_be_compared(tmp_path: Path) -> None:
    (tmp_path / "luma" / "images").mkdir(parents=True)
    for name, colour in {"red-main": RED, "red-back": RED, "green-main": GREEN}.items():
        draw_garment("dress", colour).save(tmp_path / "luma" / "images" / f"{name}.png")
    mains = ["images/red-main.png", "images/green-main.png"]
    _write_rows(tmp_path / "luma" / "gallery.csv", [{"path": path} for path in mains])
    pair = {"query_path": "images/red-back.png", "colour_match": "1", "kind": "clothing", "query_view": "back"}
    _write_rows(tmp_path / "luma" / "pairs.csv", [pair | {"positive_path": path} for path in mains])
    cases, out = tmp_path / "cases.json", StringIO()
    artefact = shutil.copytree(INT8, tmp_path / "int8")
    shipped = json.loads((INT8 / "card.json").read_text())

    call_command(
        *("evaluate_model", "--luma", str(tmp_path / "luma"), "--artefact", str(artefact), "--card"),
        *("--failures", str(tmp_path / "sheets"), "--cases", str(cases)),
        stdout=out,
    )

    # The green one is never the first, so that one of two pairs fails.
    assert "Luma, back recall@1                         0.500" in out.getvalue()
    assert [file.name for file in (tmp_path / "sheets").iterdir()] == ["Luma.png"]
    with Image.open(tmp_path / "sheets" / "Luma.png") as sheet:
        assert sheet.width > 3 * TILE[0]
    card = json.loads((artefact / "card.json").read_text())
    assert card["measured"]["Luma, back"]["recall@1"]["value"] == 0.5
    assert {**card, "measured": shipped["measured"]} == shipped
    out = StringIO()
    call_command("lab", "compare", str(cases), str(cases), stdout=out)
    assert out.getvalue().splitlines()[1].endswith("none")


def test_evaluating_without_photos_says_what_to_name() -> None:
    with pytest.raises(CommandError, match="Name photos to evaluate on"):
        call_command("evaluate_model", stdout=StringIO())


def test_evaluating_what_is_no_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no model in"):
        call_command("evaluate_model", data=tmp_path, artefact=str(tmp_path), stdout=StringIO())


def test_evaluating_on_a_folder_without_photos_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="The photos cannot be read"):
        call_command("evaluate_model", data=tmp_path, artefact=str(INT8), stdout=StringIO())


def _write_rows(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
