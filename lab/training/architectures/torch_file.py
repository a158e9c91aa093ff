"""Reads legacy PyTorch weight files without PyTorch: pickled tensor metadata, then raw storages.

The format is that of torch.serialization's `_legacy_save`. The unpickler allows a fixed list of names and refuses all
others, so an untrusted file cannot execute code.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}
# Magic number, protocol version and system information precede the weights.
PICKLES_BEFORE = 3


@dataclass(frozen=True, slots=True)
class _Storage:
    dtype: str
    key: str


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: Sequence[int]
    strides: Sequence[int]


def _tensor(storage: _Storage, offset: int, shape: Sequence[int], strides: Sequence[int], *_: object) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise pickle.UnpicklingError(f"A file of weights has no business with {module}.{name}.")

    def persistent_load(self, pid: Any) -> _Storage:
        _, dtype, key, *_ = pid
        return _Storage(dtype, key)


def read_state(file: Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of a weight file by name. Raises ValueError if the file has another format."""
    try:
        with file.open("rb") as opened:
            for _ in range(PICKLES_BEFORE):
                _Unpickler(opened).load()
            tensors: dict[str, _Tensor] = _Unpickler(opened).load()
            keys: list[str] = _Unpickler(opened).load()
            dtypes = {tensor.storage.key: tensor.storage.dtype for tensor in tensors.values()}
            numbers = {}
            for key in keys:
                (count,) = np.fromfile(opened, "<i8", 1)
                numbers[key] = np.fromfile(opened, dtypes[key], int(count))
            return {name: _placed(tensor, numbers[tensor.storage.key]) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, AttributeError, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file} is not a file of weights that PyTorch saved: {error}.") from error


def _placed(tensor: _Tensor, numbers: NDArray[Any]) -> NDArray[Any]:
    """Return a copy of a tensor from its storage. Raises ValueError if it exceeds the bounds of the storage."""
    reach = tensor.offset + sum(
        (length - 1) * stride for length, stride in zip(tensor.shape, tensor.strides, strict=True)
    )
    if tensor.offset < 0 or min(tensor.strides, default=0) < 0 or reach >= len(numbers):
        raise ValueError("a tensor lies outside its storage")
    return np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :], tensor.shape, [stride * numbers.itemsize for stride in tensor.strides]
    ).copy()
