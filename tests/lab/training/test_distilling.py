from __future__ import annotations

from collections.abc import Callable
from copy import copy
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from lab.training import conversion, graph, heads, losses, training_loop
from lab.training.distilling import Distillation, distil
from lab.training.finetuning import Lessons, Recipe
from lab.training.mixing import MixedBatches
from lab.training.teacher import network_input
from tests.lab.training.networks import CATEGORIES, SIZE, small_backbone, small_served
from tests.visualsearch.garments import BLUE, GREEN, RED, draw_garment
from visualsearch.inference.descriptor import Descriptor, FeaturePart, Projection, Settings
from visualsearch.inference.litert import LiteRTModel, Network
from visualsearch.inference.types import Card

# TensorFlow 2.21's tensors predate NumPy 2's copy keyword.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
    pytest.mark.usefixtures("untraced"),
    # Keras reads its batches by a traced function all the same, and TensorFlow says so.
    pytest.mark.filterwarnings("ignore:Even though .* does not apply to tf.data functions:UserWarning"),
]
KINDS = ["dress", "pants", "t-shirt"]
LESSONS = Lessons(
    KINDS,
    [draw_garment(kind, colour) for kind in KINDS for colour in (RED, GREEN, BLUE)],
    np.repeat(np.eye(CATEGORIES, dtype=np.float32), 3, axis=0),
)
DIMENSIONS = 4
RECIPE = Recipe(steps=10, photos_per_step=9, size=24, learning_rate=1e-2, averaging=0.5)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> LiteRTModel:
    """Return a model with opinions: a random network whose logits differ between pictures."""
    file = tmp_path_factory.mktemp("teacher") / "model.tflite"
    served = small_served()
    served.get_layer(graph.CLASS_MAP).kernel.assign(
        np.random.default_rng(5).normal(0, 0.5, served.get_layer(graph.CLASS_MAP).kernel.shape)
    )
    conversion.convert(served, "float32", None, file)
    features = int(served.output[1].shape[-1])
    rng = np.random.default_rng(1)
    descriptor = Descriptor(
        Settings(SIZE, "squash", (FeaturePart(0, features, 1.0),), 1.0, 1.0, 0.5, 0.2, 1.0),
        Projection(
            np.zeros(features, np.float32),
            rng.normal(size=(features, DIMENSIONS)).astype(np.float32),
            np.zeros(384, np.float32),
            np.zeros((384, 2), np.float32),
        ),
    )
    card = Card("teacher", "1", "teacher/1", DIMENSIONS + 2, tuple(KINDS), {}, {})
    return LiteRTModel(card, descriptor, Network(file.read_bytes(), file=file, interpreters=1))


def _student() -> keras.Model:
    """Return another network than the teacher, which sees smaller pictures."""
    backbone = small_backbone()
    rng = np.random.default_rng(2)
    for weight in backbone.trainable_variables:
        weight.assign(weight + rng.normal(0, 0.1, weight.shape))
    return graph.resized(graph.build_served(graph.fold(backbone), CATEGORIES, dropped=0.2), RECIPE.size)


def _mixed() -> NDArray[np.float32]:
    batches = MixedBatches(LESSONS.pictures, LESSONS.shares, np.zeros((9, 0), np.float32), 9, RECIPE.size, 7)
    return batches.draw(1)[0]


def _divergence(served: keras.Model, distillation: Distillation) -> float:
    """Return how far a student's softened probabilities are from its teacher's, on pictures it has not seen."""
    pixels = _mixed()
    logits = np.asarray(served(pixels)[0]).mean(axis=(1, 2))
    told = distillation.ask(pixels)["softened"]
    return float(np.mean(losses.divergence_loss(told, logits / distillation.temperature)))


def test_a_teacher_predicts_the_mixed_pictures_themselves_whatever_their_size(teacher: LiteRTModel) -> None:
    distillation = Distillation((teacher,), temperature=4.0)

    told = distillation.ask(_mixed())
    sharp = Distillation((teacher,), temperature=1.0).ask(_mixed())

    assert told["softened"].shape == (9, CATEGORIES)
    # Softening by 4 is taking the fourth root.
    rooted = sharp["softened"] ** 0.25
    np.testing.assert_allclose(told["softened"], rooted / rooted.sum(axis=1, keepdims=True), rtol=1e-4)
    assert told["softened"].std(axis=0).max() > 0.01
    photos = LESSONS.pictures[:2]
    expected = teacher.descriptor.shape(np.stack([pooled for _, pooled, *_ in teacher.outputs(photos)]))
    np.testing.assert_allclose(distillation.ask(network_input(photos, SIZE))["teacher"], expected, atol=1e-5)


def test_of_two_teachers_the_mean_logits_count(teacher: LiteRTModel, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = _mixed()
    opposite = copy(teacher)
    monkeypatch.setattr(
        opposite, "outputs", lambda photos: ((-seen, pooled) for seen, pooled, *_ in teacher.outputs(photos))
    )

    told = Distillation((teacher, opposite)).ask(pixels)

    np.testing.assert_allclose(told["softened"], 1 / CATEGORIES, atol=1e-5)
    np.testing.assert_allclose(told["teacher"], Distillation((teacher,)).ask(pixels)["teacher"], atol=1e-6)


def test_each_weight_scales_its_lesson_and_0_leaves_it_out(teacher: LiteRTModel) -> None:
    distillation = Distillation((teacher,), temperature=3.0, hard_weight=0.25, soft_weight=0.5, distance_weight=0.0)

    weights = {name: objective.weight for name, objective in distillation.objectives().items()}

    assert weights == {"categories": 0.25, "softened": 0.5 * 9}


def test_the_divergence_is_nothing_where_two_agree_and_grows_with_what_parts_them() -> None:
    wanted = np.array([[0.75, 0.25], [0.5, 0.5]], np.float32)

    found = np.asarray(losses.divergence_loss(wanted, np.log(np.array([[0.75, 0.25], [0.75, 0.25]], np.float32))))

    np.testing.assert_allclose(found, [0, 0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(0.5 / 0.25)], atol=1e-6)


def test_a_student_comes_nearer_to_its_teacher(teacher: LiteRTModel, tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    distillation = Distillation((teacher,), hard_weight=0.0, soft_weight=1.0, distance_weight=1.0)
    student = _student()
    before = _divergence(student, distillation)

    distil(student, LESSONS, distillation, tmp_path, RECIPE, started=True)
    after = _divergence(student, distillation)

    assert after < before / 2


def test_an_interrupted_distillation_ends_as_one_that_was_not(
    teacher: LiteRTModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_loop, "CHECKPOINT_STEPS", 2)
    monkeypatch.setattr(heads, "PROBE_EPOCHS", 2)

    def run(folder: str, after_step: Callable[[int], None] = lambda _done: None) -> keras.Model:
        keras.utils.set_random_seed(1)
        student = _student()
        recipe = Recipe(steps=4, photos_per_step=4, size=24)
        way = Distillation((teacher,))
        distil(student, LESSONS, way, tmp_path / folder, recipe, started=False, after_step=after_step)
        return student

    steps: list[int] = []

    def stop_in_the_third(done: int) -> None:
        steps.append(done)
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("interrupted", stop_in_the_third)
    continued, whole = run("interrupted", steps.append), run("whole")

    # The third step once more, the fourth, and the end.
    assert steps == [1, 2, 3, 3, 4, 4]
    for weight, other in zip(continued.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(weight, other, atol=1e-5)


def test_a_teacher_of_other_categories_is_refused(teacher: LiteRTModel, tmp_path: Path) -> None:
    lessons = Lessons(["bag", "belt", "tie"], LESSONS.pictures, LESSONS.shares)

    with pytest.raises(ValueError, match="tells dress, pants, t-shirt apart, the lessons are of bag, belt, tie"):
        distil(_student(), lessons, Distillation((teacher,)), tmp_path, RECIPE, started=True)

    assert not list(tmp_path.iterdir())


def test_a_folder_distilled_with_other_weights_is_refused(teacher: LiteRTModel, tmp_path: Path) -> None:
    recipe = Recipe(steps=1, photos_per_step=4, size=24)
    distil(_student(), LESSONS, Distillation((teacher,), temperature=2.0), tmp_path, recipe, started=True)

    with pytest.raises(ValueError, match="made by another recipe"):
        distil(_student(), LESSONS, Distillation((teacher,), temperature=3.0), tmp_path, recipe, started=True)
