from __future__ import annotations

import os
import pickle
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from lab.training.architectures.torch_file import read_state


class FloatStorage:
    """What PyTorch's pickles call the type of a storage."""


def _rebuild_tensor_v2(*_: Any) -> None:
    """What PyTorch's pickles call to make a tensor."""


class _Called:
    """Pickles as the call of a function."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


class _Storage:
    """Pickles as PyTorch's storages do, by a persistent id."""


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        return ("storage", FloatStorage, "0", "cpu", 6, None) if isinstance(obj, _Storage) else None


@pytest.fixture(autouse=True)
def torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the two names be found where PyTorch has them while a file is written."""
    for module, thing in (("torch", FloatStorage), ("torch._utils", _rebuild_tensor_v2)):
        made = ModuleType(module)
        setattr(made, thing.__name__, thing)
        monkeypatch.setitem(sys.modules, module, made)
        monkeypatch.setattr(thing, "__module__", module)


def _write(file: Path, state: dict[str, Any]) -> None:
    with file.open("wb") as opened:
        for part in (1, 2, 3, OrderedDict(state), ["0"]):
            _Pickler(opened, 2).dump(part)
        opened.write(np.array([6], "<i8").tobytes() + np.arange(6).astype("<f4").tobytes())


def _tensor(offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> _Called:
    return _Called(_rebuild_tensor_v2, _Storage(), offset, shape, strides, False, OrderedDict())


def test_tensors_are_read_by_offset_and_strides(tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    _write(file, {"a": _tensor(0, (2, 2), (2, 1)), "b": _tensor(1, (2, 2), (1, 2))})

    state = read_state(file)

    assert state["a"].tolist() == [[0, 1], [2, 3]]
    assert state["b"].tolist() == [[1, 3], [2, 4]]


@pytest.mark.parametrize(
    "state",
    [
        {"a": _tensor(0, (4, 2), (2, 1))},
        {"a": _tensor(-1, (2,), (1,))},
        {"a": _tensor(0, (2,), (-1,))},
        {"a": _Called(os.system, "touch broken")},
        {"a": 5},
    ],
    ids=["too long", "before the start", "backwards", "a call", "no tensor"],
)
def test_a_file_of_anything_else_is_refused(
    state: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "weights.pth"
    _write(file, state)

    with pytest.raises(ValueError, match="not a file of weights"):
        read_state(file)

    assert [made.name for made in tmp_path.iterdir()] == ["weights.pth"]


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    _write(file, {"a": _tensor(0, (6,), (1,))})
    file.write_bytes(file.read_bytes()[:-8])

    with pytest.raises(ValueError, match="not a file of weights"):
        read_state(file)
