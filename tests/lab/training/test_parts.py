from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lab.evaluation.clothing import LabelledPhoto
from lab.training import augmentation, losses
from lab.training.architectures.base import RANDOM
from lab.training.axes import principal_axes, ridge
from lab.training.describing import fit_temperature, fit_thresholds
from lab.training.finetuning import Lessons, Recipe, fine_tune
from lab.training.graph import CLASS_MAP
from lab.training.labels import category_labels, category_shares
from lab.training.mixing import MixedBatches, blend, mix
from lab.training.training_loop import (
    CHECKPOINT_STEPS,
    SETTLING_BATCHES,
    Batch,
    Checkpoint,
    optimiser,
    run_round,
    settle_norms,
)
from tests.visualsearch.garments import GREEN, draw_garment

# TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


def _photo(label: str, category: str) -> LabelledPhoto:
    return LabelledPhoto(Path("a.jpg"), "ann", label, category)


def test_the_teachers_loss_is_what_the_cosine_lacks() -> None:
    found = np.asarray(losses.distance_loss(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [0.6, 0.8]])))

    np.testing.assert_allclose(found, [0, 0.4], atol=1e-6)


def test_labels_outside_the_subset_count_where_they_name_a_category() -> None:
    photos = [_photo("Dress", "dress"), _photo("Pants", ""), _photo("Polo", ""), _photo("Not sure", "")]

    assert category_labels(photos, ["dress", "pants"]).tolist() == [0, 1, -1, -1]


def test_what_is_none_of_the_categories_has_even_shares_and_what_nobody_knows_none() -> None:
    photos = [_photo("Dress", "dress"), _photo("Other", ""), _photo("Not sure", "")]

    shares = category_shares(photos, ["dress", "pants"], smoothing=0.1)

    np.testing.assert_allclose(shares, [[0.95, 0.05], [0.5, 0.5], [0.0, 0.0]], atol=1e-6)


def test_a_network_that_knows_nothing_begins_undecided(tmp_path: Path) -> None:
    drawn = [draw_garment(name, GREEN, size=(64, 64)) for name in ("dress", "t-shirt", "pants")]
    lessons = Lessons(["dress", "t-shirt", "pants"], drawn, np.eye(3, dtype=np.float32))

    served = fine_tune(lessons, RANDOM, tmp_path, Recipe("trial", steps=0, size=64))

    # What a probe finds in features that its norms have not measured is wildly wrong of those of the first batch.
    _kernel, bias = served.get_layer(CLASS_MAP).get_weights()
    assert not bias.any()


def _small_round(folder: Path, steps: int, *, stop: int | None = None) -> keras.Model:
    """Run a round of a tiny model, from its checkpoint if there is one; interrupted at step `stop`."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimiser(steps, 0.1, weight_decay=0.01, momentum=0.9), "mse")
    model.optimizer.build(model.trainable_variables)
    checkpoint = Checkpoint(folder, "first", {"steps": steps})

    def draw(step: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        if stop is not None and step > stop:
            raise KeyboardInterrupt
        rng = np.random.default_rng(step)
        return rng.normal(size=(4, 2)).astype(np.float32), rng.normal(size=(4, 1))

    # The tiny model has one output, whose truth needs no name.
    unnamed = cast("Callable[[int], Batch]", draw)
    run_round(model, unnamed, steps, checkpoint.restore(model), checkpoint, "")
    return model


def test_an_interrupted_round_ends_as_one_that_was_not(tmp_path: Path) -> None:
    (tmp_path / "interrupted").mkdir()
    (tmp_path / "whole").mkdir()
    with pytest.raises(KeyboardInterrupt):
        _small_round(tmp_path / "interrupted", 2 * CHECKPOINT_STEPS, stop=CHECKPOINT_STEPS + 5)

    continued = _small_round(tmp_path / "interrupted", 2 * CHECKPOINT_STEPS)
    whole = _small_round(tmp_path / "whole", 2 * CHECKPOINT_STEPS)

    for weight, other in zip(continued.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(weight, other, atol=1e-6)


def test_batch_norms_expect_what_the_averaged_weights_bring() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization(momentum=0.999)])
    rows = np.random.default_rng(1).normal(3, 2, (SETTLING_BATCHES, 50, 2)).astype(np.float32)

    settle_norms(model, lambda step: (rows[step - 7], {}), 7)

    assert model.layers[0].momentum == 0.999
    np.testing.assert_allclose(model.layers[0].moving_mean, rows.mean(axis=(0, 1)), rtol=1e-4)
    np.testing.assert_allclose(model.layers[0].moving_variance, rows.var(axis=1).mean(axis=0), rtol=1e-4)


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    _small_round(tmp_path, 2)

    with pytest.raises(ValueError, match="made by another recipe"):
        _small_round(tmp_path, 3)


def test_pictures_are_mixed_by_the_share_that_their_truth_gets() -> None:
    black, white = np.zeros((200, 16, 16, 3), np.float32), np.ones((200, 16, 16, 3), np.float32)

    mixed, own = mix(black, white, np.random.default_rng(1))

    # What is white is the other's, by area or by brightness.
    np.testing.assert_allclose(mixed.mean(axis=(1, 2, 3)), 1 - own, atol=1e-6)
    assert 0.1 < (own == 1).mean() < 0.35
    blended = blend(np.zeros((200, 1), np.float32), np.ones((200, 1), np.float32), own)
    np.testing.assert_allclose(blended[:, 0], 1 - own)


def test_a_batch_depends_on_its_step_alone() -> None:
    pictures = [draw_garment("dress"), draw_garment("pants", GREEN), draw_garment("t-shirt")]
    batches = MixedBatches(pictures, np.eye(3, 4, dtype=np.float32), np.eye(3, 5, dtype=np.float32), 2, 32, 1)

    (first, truth), (again, _), (other, _) = batches.draw(3), batches.draw(3), batches.draw(4)

    assert first.shape == (2, 32, 32, 3)
    np.testing.assert_allclose(truth["categories"].sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(truth["teacher"], axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_some_pictures_of_the_batches_show_nothing_and_shall_be_anything() -> None:
    pictures = [draw_garment("dress")] * 4
    batches = MixedBatches(pictures, np.eye(4, dtype=np.float32), np.zeros((4, 0), np.float32), 4, 16, 1)

    shares = np.concatenate([batches.draw(step)[1]["categories"] for step in range(60)])

    even = (shares == 0.25).all(axis=1).mean()
    assert 0 < even < 0.1
    assert "teacher" not in batches.draw(0)[1]


def test_a_view_is_a_square_of_the_size_asked_for() -> None:
    view = augmentation.draw_view(draw_garment("dress"), draw_garment("pants"), 48, np.random.default_rng(2))

    assert view.shape == (48, 48, 3)
    assert view.dtype == np.uint8
    assert view.std() > 5


def test_a_picture_without_a_garment_is_a_corner_of_a_photo() -> None:
    photo = Image.new("RGB", (100, 100), "white")
    photo.paste((0, 0, 0), (34, 34, 66, 66))

    empty = augmentation.draw_empty(photo, 48, np.random.default_rng(2))

    assert empty.shape == (48, 48, 3)
    assert empty.min() > 100


def test_ridge_regression_finds_a_linear_law() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(500, 3)).astype(np.float32)

    matrix, bias = ridge(rows, (rows @ [[1.0], [2.0], [0.0]] + 5).astype(np.float32))

    np.testing.assert_allclose(matrix[:, 0], [1, 2, 0], atol=0.05)
    np.testing.assert_allclose(bias, [5], atol=0.05)


def test_main_axes_are_half_whitened() -> None:
    rng = np.random.default_rng(1)
    rows = (rng.normal(size=(4000, 3)) * [4, 1, 0] + [1, 2, 3]).astype(np.float32)

    mean, matrix = principal_axes(rows, 3)
    turned = (rows - mean) @ matrix

    np.testing.assert_allclose(mean, [1, 2, 3], atol=0.2)
    # A deviation of 4 becomes √4, one of 1 stays 1; an axis without any is left out.
    np.testing.assert_allclose(turned.std(axis=0), [2, 1, 0], atol=0.05)


def test_the_temperature_cools_a_network_that_is_too_sure() -> None:
    # Right three times of four: odds of 3 to 1, though the logits claim e^4 to 1.
    logits = np.array([[4, 0]] * 4, np.float32)

    assert fit_temperature(logits, np.array([0, 0, 0, 1])) == pytest.approx(3.0)
    assert fit_temperature((logits / 2).astype(np.float32), np.array([0, 0, 0, 1])) == pytest.approx(
        2 / np.log(3), rel=0.02
    )


def test_thresholds_lie_where_wrong_articles_and_ood_images_are_rare() -> None:
    angles = np.linspace(0, np.pi / 2, 21)
    gallery = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    queries = np.stack([np.cos(angles), np.sin(angles), angles * 0], axis=1).astype(np.float32)
    ood_images = np.stack([np.cos(angles) * 0.5, np.sin(angles) * 0, np.ones(21)], axis=1).astype(np.float32)

    close, weak = fit_thresholds(queries, gallery, [0] * 21, ood_images)

    assert close == pytest.approx(np.quantile(np.sin(angles), 0.95), abs=1e-6)
    assert weak == pytest.approx(np.quantile(0.5 * np.cos(angles), 0.95), abs=1e-6)


def test_ood_images_nearer_than_wrong_articles_are_not_close_either() -> None:
    gallery = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    queries = np.array([[1, 0, 0]] * 20, np.float32)
    nearness = np.linspace(0, 1, 101, dtype=np.float32)
    ood_images = np.stack([nearness, nearness * 0, np.sqrt(1 - nearness**2)], axis=1)

    close, weak = fit_thresholds(queries, gallery, [0] * 20, ood_images)

    assert close == weak == pytest.approx(0.95)
