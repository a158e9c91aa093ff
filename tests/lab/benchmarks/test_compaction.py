"""What a compaction costs, among a few vectors of drawn articles."""

from __future__ import annotations

import io
from functools import partial

import numpy as np
import pytest
from django.core.management import call_command

from lab.benchmarks import compaction
from lab.harness.synthetic_vectors import real_vectors


def test_a_compaction_is_measured_beside_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    few = partial(real_vectors, limit=40)
    monkeypatch.setattr(compaction, "real_vectors", few)
    out = io.StringIO()

    call_command("benchmark", "compaction", "--sizes", "300", "--changes", "40", stdout=out)

    size, *_, anew, compacted = out.getvalue().splitlines()[-1].split()
    assert (size, anew, compacted) == ("300", "1.000", "1.000")


def test_what_changes_is_half_new_and_the_rest_replaced_or_gone() -> None:
    ids, vectors = np.arange(100, dtype=np.int64), np.zeros((100, 4), np.float16)

    after_ids, after = compaction.changed((ids, vectors), np.ones((8, 4), np.float16), 8)

    assert len(after_ids) == len(after) == 102
    assert after_ids.tolist() == sorted(set(after_ids.tolist()))
    assert int(after.any(axis=1).sum()) == 6
