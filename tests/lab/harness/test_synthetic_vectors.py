from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from lab.harness import synthetic_vectors as making
from lab.harness.synthetic_vectors import compared, neighbour_quantiles, real_vectors, synthetic_vectors
from tests.visualsearch.garments import write_collection
from visualsearch.index.base import StoredVectors
from visualsearch.inference.artefact import open_model
from visualsearch.inference.types import Model
from visualsearch.vectors import normalise, quantise

DRAWN = 96


@pytest.fixture(scope="module")
def model() -> Model:
    return open_model(Path(settings.ARTEFACTS_DIR) / settings.VISUAL_MODEL["NAME"], interpreters=1)


@pytest.fixture(scope="module")
def real(model: Model) -> StoredVectors:
    return real_vectors(model, limit=DRAWN, size=(96, 120))


def test_neighbours_of_synthetic_vectors_are_as_near_as_those_of_real_ones(real: StoredVectors) -> None:
    apart = compared(real, seed=1)

    assert set(apart) == {1, 10}
    assert max(apart.values()) < 0.08


def test_white_noise_differs_from_real_vectors(real: StoredVectors) -> None:
    noise = quantise(normalise(np.random.default_rng(1).standard_normal(real.shape, np.float32)))

    apart = neighbour_quantiles(noise)[1] - neighbour_quantiles(real)[1]

    assert np.abs(apart).max() > 0.3


def test_synthetic_vectors_are_unit_vectors_whose_parts_weigh_what_real_ones_do(real: StoredVectors) -> None:
    (made,) = synthetic_vectors(real, 300, seed=1)
    shapes = [
        np.linalg.norm(vectors[:, : making.SHAPE_DIMENSIONS].astype(np.float32), axis=1) for vectors in (made, real)
    ]

    assert made.dtype == np.float16
    assert np.linalg.norm(made.astype(np.float32), axis=1) == pytest.approx(1, abs=1e-3)
    assert (shapes[0].min(), shapes[0].max()) == pytest.approx((shapes[1].min(), shapes[1].max()), abs=2e-3)


def test_as_many_come_as_are_wanted_in_chunks_each_another(
    real: StoredVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "CHUNK", 250)

    chunks = list(synthetic_vectors(real, 600, seed=1))

    assert [len(chunk) for chunk in chunks] == [250, 250, 100]
    assert len(np.unique(np.concatenate(chunks), axis=0)) == 600


def test_a_seed_makes_the_same_and_another_seed_others(real: StoredVectors) -> None:
    (first,), (again,), (other,) = (synthetic_vectors(real, 50, seed=seed) for seed in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not (first[:, None] == other).all(axis=2).any()


def test_embeddings_of_a_folder_are_kept_in_a_file(model: Model, tmp_path: Path) -> None:
    write_collection(tmp_path / "photos", ["one", "other"])
    kept = tmp_path / "kept.npy"

    vectors = real_vectors(model, tmp_path / "photos", kept=kept)

    assert vectors.shape == (6, 512)
    assert np.array_equal(real_vectors(model, tmp_path / "gone", kept=kept), vectors)
