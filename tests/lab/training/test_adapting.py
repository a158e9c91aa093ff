"""A trained network learns worn garments: restored from its file, packed with its lessons, trained, and blended."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import keras
import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command

from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.outfits import BoxedPhoto
from lab.training import worn_views
from lab.training.adapting import (
    TEMPERATURE,
    Adaptation,
    adapt,
    blend_weights,
    kept_loss,
    name_loss,
    parted,
    softened_loss,
    unpacked,
    untrained,
)
from lab.training.options import NewVersion
from lab.training.packing import SINGLE_PIXELS, Pack, assigned, read_pack, write_pack
from lab.training.restoring import fill, restore
from tests.lab.training.networks import small_served
from tests.visualsearch.garments import BLUE, RED, draw_garment, write_collection
from visualsearch.inference.garments import Detection
from visualsearch.inference.letterbox import coverage_of
from visualsearch.inference.litert import MODEL_FILE, Network
from visualsearch.inference.types import Box

# TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)

LABELS = ["dress", "pants"]
SIZE = 64
FLOAT32 = settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["FALLBACK"]
RECIPE = Adaptation(steps=2, views_per_step=4, size=SIZE, dropped=0.0)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Return a pack of one street photo, one tagged one and two of a garment each; its network is untrained."""
    folder = tmp_path_factory.mktemp("pack")
    for kind, colour in (("dress", RED), ("pants", BLUE)):
        draw_garment(kind, colour, size=(300, 400)).save(folder / f"{kind}.png")
    boxed = BoxedPhoto(folder / "dress.png", (("dress", (0.2, 0.1, 0.6, 0.8)),))
    single = [LabelledPhoto(folder / f"{kind}.png", "ann", kind, kind) for kind in LABELS]
    single.append(LabelledPhoto(folder / "pants.png", "ann", "Other", ""))
    keras.utils.set_random_seed(1)
    weights = folder / "network.weights.h5"
    untrained(len(LABELS), SIZE).save_weights(weights)
    write_pack(folder / "pack.zip", LABELS, [boxed], [boxed], single, weights.read_bytes())
    return read_pack(folder / "pack.zip")


def test_the_command_packs_what_another_machine_trains_with(tmp_path: Path) -> None:
    write_collection(tmp_path / "clothing", ["ann", "ben", "cleo"], kinds=LABELS)
    photos = tmp_path / "outfits" / "photos"
    photos.mkdir(parents=True)
    for number in range(6):
        draw_garment("dress", RED, size=(300, 400)).save(photos / f"{number}.jpg")
    with (tmp_path / "outfits" / "garments.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["photo", "tag", "category", "x", "y", "width", "height", "share"])
        rows.writerows([number, "gown", "dress", 0.2, 0.1, 0.6, 0.8, 0.4] for number in range(3))
    with (tmp_path / "outfits" / "tags.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("photo", "tags"), *((number, "gown|ring") for number in range(3, 6))])
    out = StringIO()

    call_command(
        *("adapt_model", "--data", str(tmp_path / "clothing"), "--outfits", str(tmp_path / "outfits")),
        *("--model-version", "9", "--work", str(tmp_path / "work"), "--pack-only"),
        stdout=out,
    )

    pack = read_pack(tmp_path / "work" / "pack.zip")
    assert f"The pack is {tmp_path / 'work' / 'pack.zip'}, " in out.getvalue()
    # One street photo judges, and one contributor each judges and calibrates.
    assert (len(pack.street), len(pack.single)) == (2, 2)
    assert [label for photo in pack.tagged for label, _ in photo.garments] == ["dress"] * len(pack.tagged)


def test_a_new_version_elsewhere_leaves_the_shipped_one(tmp_path: Path) -> None:
    options = {"name": "int8", "float32": "float", "model_version": "9", "data": tmp_path, "luma": None}
    for name in ("int8", "float"):
        (tmp_path / "shipped" / name).mkdir(parents=True)
        (tmp_path / "shipped" / name / "card.json").write_text(name)

    there = NewVersion.from_options(options | {"output": None, "unmeasured": False}, tmp_path / "shipped")
    new = NewVersion.from_options(options | {"output": tmp_path / "new", "unmeasured": True}, tmp_path / "shipped")

    assert (there.folder, there.fallback, there.measured) == (
        tmp_path / "shipped" / "int8",
        tmp_path / "shipped" / "float",
        True,
    )
    assert (new.folder / "card.json").read_text() == "int8"
    assert (new.fallback / "card.json").read_text() == "float"
    assert (new.folder.parent, new.measured) == (tmp_path / "new", False)


@pytest.fixture(autouse=True)
def few_views(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worn_views, "COMPOSITES", 2)


def test_the_graph_of_a_shipped_file_says_the_same_as_the_file() -> None:
    network = Network((FLOAT32 / MODEL_FILE).read_bytes(), file=FLOAT32, interpreters=1)
    pixels = np.random.default_rng(1).integers(0, 256, (1, 224, 224, 3)).astype(np.uint8)

    class_map, pooled = restore(FLOAT32, 224).predict_on_batch(pixels.astype(np.float32) / 127.5 - 1.0)

    expected_map, expected_pooled, *_ = network.run(pixels)
    np.testing.assert_allclose(class_map, expected_map, atol=1e-3)
    np.testing.assert_allclose(pooled, expected_pooled, atol=1e-3)


def test_a_file_of_another_network_is_refused() -> None:
    with pytest.raises(ValueError, match="are not the 7 of this architecture"):
        fill(small_served(), (FLOAT32 / MODEL_FILE).read_bytes())


def test_a_pack_holds_small_photos_their_garments_and_the_weights(pack: Pack) -> None:
    assert pack.labels == LABELS
    assert [photo.garments for photo in pack.street] == [(("dress", (0.2, 0.1, 0.6, 0.8)),)]
    assert [photo.garments for photo in pack.single] == [
        (("dress", (0.0, 0.0, 1.0, 1.0)),),
        (("pants", (0.0, 0.0, 1.0, 1.0)),),
        (),
    ]
    assert max(pack.single[0].picture().size) == SINGLE_PIXELS


def test_tags_name_the_boxes_of_their_place_on_the_body() -> None:
    labels = ["longsleeve", "outwear", "pants", "shirt", "shorts"]

    def found(place: float, **probabilities: float) -> Detection:
        shares = np.array([probabilities.get(label, 0.0) for label in labels])
        return Detection((place, 0.0, 0.5, 0.5), 0.5, shares)

    upper, other, lower = found(0.1, outwear=0.6, shirt=0.4), found(0.2, shirt=0.6, outwear=0.4), found(0.3, pants=1.0)

    def named(*wanted: str) -> list[tuple[str, float]]:
        return [(label, box[0]) for label, box in assigned([upper, other, lower], set(wanted), labels)]

    assert named("outwear", "shirt", "pants") == [("outwear", 0.1), ("shirt", 0.2), ("pants", 0.3)]
    # What the network calls a shirt is tagged as something with long sleeves.
    assert named("outwear", "longsleeve") == [("longsleeve", 0.2), ("outwear", 0.1)]
    assert named("shorts") == [("shorts", 0.3)]
    # Three tags of upper garments, and two boxes: none can be told.
    assert named("longsleeve", "outwear", "shirt") == []


def test_a_garments_name_is_learnt_from_its_box_alone() -> None:
    """The left half of the map says dress, the right half pants."""
    class_map = np.zeros((1, 4, 4, 2), np.float32)
    class_map[:, :, :2, 0] = class_map[:, :, 2:, 1] = 20.0

    def loss(label: int, box: Box) -> float:
        row = np.concatenate([coverage_of((4, 4), box).ravel(), np.eye(2)[label]]).astype(np.float32)
        return float(name_loss(keras.ops.convert_to_tensor(row[None, None]), keras.ops.convert_to_tensor(class_map))[0])

    assert loss(0, (0.0, 0.0, 0.5, 1.0)) == pytest.approx(0, abs=1e-5)
    assert loss(1, (0.5, 0.0, 0.5, 1.0)) == pytest.approx(0, abs=1e-5)
    assert loss(0, (0.5, 0.0, 0.5, 1.0)) == pytest.approx(20, abs=1e-3)


def test_what_the_network_said_before_costs_nothing() -> None:
    logits = np.array([[2.0, 0.0], [0.0, 4.0]], np.float32)
    softened = np.exp(logits / TEMPERATURE) / np.exp(logits / TEMPERATURE).sum(axis=1, keepdims=True)
    pooled = np.array([[1.0, 4.0, 0.0]], np.float32)
    kept = np.array([[1.0, 4.0, 0.0, 1.0]], np.float32)

    same = keras.ops.convert_to_numpy(softened_loss(softened, logits))
    other = keras.ops.convert_to_numpy(softened_loss(softened, logits[::-1].copy()))

    np.testing.assert_allclose(same, 0, atol=1e-5)
    assert (other > 1).all()
    assert float(kept_loss(kept, pooled)[0]) == pytest.approx(0, abs=1e-5)
    assert float(kept_loss(kept, pooled[:, ::-1].copy())[0]) > 0.1
    # A view whose weight is 0 keeps nothing.
    assert float(kept_loss(kept * np.array([1, 1, 1, 0], np.float32), pooled[:, ::-1].copy())[0]) == 0


@pytest.mark.usefixtures("untraced")
def test_the_last_blocks_learn_and_those_before_do_not(pack: Pack, tmp_path: Path) -> None:
    before = unpacked(pack, SIZE)

    after = adapt(pack, tmp_path, RECIPE)

    changed = {
        layer.name
        for layer, former in zip(after.layers, before.layers, strict=True)
        for now, then in zip(layer.get_weights(), former.get_weights(), strict=True)
        if not np.array_equal(now, then)
    }
    assert "block_13_expand" in changed
    assert "class_map" in changed
    assert not [name for name in changed if name.startswith(("Conv1", "block_12", "block_2_"))]


@pytest.mark.usefixtures("untraced")
def test_an_interrupted_training_goes_on_with_the_same_views(pack: Pack, tmp_path: Path) -> None:
    adapt(pack, tmp_path, RECIPE)
    lessons = (tmp_path / "lessons.npz").stat().st_mtime_ns

    adapt(pack, tmp_path, RECIPE)

    assert (tmp_path / "lessons.npz").stat().st_mtime_ns == lessons
    with pytest.raises(ValueError, match="made by another recipe"):
        adapt(pack, tmp_path, Adaptation(steps=3, views_per_step=4, size=SIZE, dropped=0.0))


def test_a_layer_that_is_not_there_cannot_begin(pack: Pack) -> None:
    with pytest.raises(ValueError, match="No layer's name starts with stage_9"):
        parted(unpacked(pack, SIZE), "stage_9")


def test_weights_are_blended_by_their_share() -> None:
    now, before = small_served(), small_served()
    now.set_weights([np.ones_like(weight) for weight in now.get_weights()])
    before.set_weights([np.zeros_like(weight) for weight in before.get_weights()])

    blend_weights(now, before, 0.75)

    assert all((weight == 0.75).all() for weight in now.get_weights())
