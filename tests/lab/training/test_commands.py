from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from tests.visualsearch.garments import draw_garment, write_collection
from visualsearch.inference.artefact import open_model

pytestmark = [
    # The converter says so of every int8 input, whose statistics the representative photos give.
    pytest.mark.filterwarnings("ignore:Statistics for quantized inputs were expected"),
    # TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
    # Keras reads its batches by a traced function all the same, and TensorFlow says so.
    pytest.mark.filterwarnings("ignore:Even though .* does not apply to tf.data functions:UserWarning"),
]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("collection") / "garments"
    write_collection(folder, ["ann", "ben", "cleo", "dan", "eve", "fay"])
    return folder


@pytest.fixture(scope="module")
def made(collection: Path, tmp_path_factory: pytest.TempPathFactory, untraced: None) -> Path:
    """Train from random weights and quantise, once; return the folder of both artefacts and the work folder."""
    folder = tmp_path_factory.mktemp("made")
    common = {"data": collection, "work": folder / "work"}
    size = {"steps": 2, "photos_per_step": 4, "size": 64}
    call_command(
        "train_model",
        **common,
        **size,
        architecture="trial",
        weights="random",
        output=folder / "float32",
        data_origin="drawn",
        stdout=StringIO(),
    )
    call_command("quantise_model", **common, source=folder / "float32", output=folder / "int8", stdout=StringIO())
    return folder


def test_both_artefacts_open_and_their_vectors_share_a_space(made: Path) -> None:
    float32, int8 = open_model(made / "float32"), open_model(made / "int8")

    photos = [draw_garment("dress"), draw_garment("pants")]
    cosines = (float32.embed(photos) * int8.embed(photos)).sum(axis=1)

    assert int8.card.space == float32.card.space == "mobilenetv2-clothing-float32/1"
    assert int8.card.labels == ("dress", "pants", "t-shirt")
    # Of a network that learnt for two steps nothing better can be asked; the shipped pair is held to more.
    assert np.isfinite(cosines).all()
    assert np.linalg.norm(int8.embed(photos), axis=1) == pytest.approx([1, 1], abs=1e-5)
    for file in ("descriptor.json", "projection.npz", "labels.txt"):
        assert (made / "int8" / file).read_bytes() == (made / "float32" / file).read_bytes()


def test_the_card_says_how_the_model_was_made_and_how_good_it_is(made: Path) -> None:
    card = json.loads((made / "int8" / "card.json").read_text())

    assert card["data"]["origin"] == "drawn"
    assert (card["data"]["training_photos"], card["data"]["held_out_photos"]) == (9, 6)
    assert card["initial_weights"]["file"] == "random"
    assert card["made"]["recipe"]["steps"] == 2
    assert set(card["framings_on_calibration_photos"]) == {"squash", "letterbox", "crop"}
    assert card["measured"]["category"]["count"] == 6
    assert set(card["measured"]["made queries"]) == {"recall@1", "recall@5", "recall@10"}
    certainty = card["measured"]["certainty"]
    assert certainty["calibration error at temperature 1"]["count"] == 6
    assert certainty["calibration error as served"]["count"] == 6
    assert certainty["out-of-domain called none"]["count"] == 6 + 4 * 2
    assert set(card["cosine_with_float32"]) == {"mean", "least", "photos"}
    assert card["cosine_with_float32"]["mean"] >= card["cosine_with_float32"]["least"]
    assert card["latency"]["one_photo_ms"] > 0
    assert card["bytes"]["model.tflite"] == (made / "int8" / "model.tflite").stat().st_size


def test_a_network_may_learn_from_artefacts(made: Path, collection: Path, tmp_path: Path) -> None:
    size = {"steps": 1, "photos_per_step": 4, "size": 32}

    call_command(
        "train_model",
        data=collection,
        work=tmp_path / "work",
        output=tmp_path / "taught",
        architecture="trial-half",
        weights="random",
        teacher=[made / "int8", made / "float32"],
        **size,
        stdout=StringIO(),
    )

    card = json.loads((tmp_path / "taught" / "card.json").read_text())
    teachers = ["mobilenetv2-clothing-int8/1", "mobilenetv2-clothing-float32/1"]
    assert card["made"]["distillation"]["teachers"] == teachers
    assert open_model(tmp_path / "taught").embed([draw_garment("dress")]).shape == (1, 512)


def test_evaluating_prints_a_line_for_each_figure_and_writes_the_card(
    made: Path, collection: Path, tmp_path: Path
) -> None:
    out, int8 = StringIO(), tmp_path / "mobilenetv2-clothing-int8"
    shutil.copytree(made / "float32", tmp_path / "mobilenetv2-clothing-float32")
    card = json.loads((shutil.copytree(made / "int8", int8) / "card.json").read_text())
    figures = ("measured", "latency", "cosine_with_float32")
    (int8 / "card.json").write_text(json.dumps({key: fact for key, fact in card.items() if key not in figures}))

    call_command("evaluate_model", data=collection, queries=tmp_path, artefact=str(int8), card=True, stdout=out)

    written = json.loads((int8 / "card.json").read_text())
    assert {key: written[key] for key in ("measured", "cosine_with_float32")} == {
        key: card[key] for key in ("measured", "cosine_with_float32")
    }
    assert written["latency"].keys() == card["latency"].keys()
    lines = out.getvalue().splitlines()
    assert lines[0] == "mobilenetv2-clothing-int8, version 1"
    assert [line.split("  ")[0] for line in lines[1:]] == [
        "category accuracy",
        "made queries recall@1",
        "made queries recall@5",
        "made queries recall@10",
        "dark queries recall@1",
        "dark queries recall@5",
        "dark queries recall@10",
        "calibration error at temperature 1",
        "calibration error as served",
        "median top probability, categories",
        "out-of-domain called close",
        "out-of-domain called weak",
        "out-of-domain called none",
        "out-of-domain called close, wall",
        "out-of-domain called close, room",
        "out-of-domain called close, food",
        "out-of-domain called close, plant",
        "out-of-domain called close, background",
        "category accuracy, dark",
        "kind@1",
        "kind@8",
        "photo that the shop lacks called close",
        "photo that the shop lacks called weak",
        "photo that the shop lacks called none",
        "similar@8, by looks alone",
        "similar@8, as shown",
        "right article called close",
        "wrong article called close",
        "composites: garments found",
        "composites: of these named right",
        "composites: first label there",
        "composites: boxes of 6",
    ]
    assert len(list(tmp_path.glob("*.png"))) == 6


def test_a_trained_folder_refuses_another_recipe(made: Path, collection: Path) -> None:
    (made / "work" / "served.keras").unlink()

    with pytest.raises(CommandError, match="made by another recipe"):
        call_command("train_model", data=collection, work=made / "work", weights="random", steps=3, stdout=StringIO())
