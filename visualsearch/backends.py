"""What the settings name, built once per process and on first use: after a fork, never at import."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string
from PIL import Image

from visualsearch.exceptions import ModelUnavailableError
from visualsearch.index.base import Space, VectorIndex
from visualsearch.inference.artefact import open_colour_model, open_model
from visualsearch.inference.types import Model

logger = logging.getLogger(__name__)

# A model that could not be opened is tried again after this many seconds; until then its stand-in serves.
RETRY_MODEL_S = 60.0

_lock = threading.Lock()
_indexes: dict[Space, VectorIndex] = {}
_models: dict[Path, tuple[Model, float]] = {}


def get_index(space: Space) -> VectorIndex:
    """Return this process's index of a space, of the class that settings.VECTOR_INDEX names."""
    with _lock:
        if space not in _indexes:
            named: dict[str, Any] = settings.VECTOR_INDEX
            try:
                backend = import_string(named["BACKEND"])
            except ImportError as error:
                raise ImproperlyConfigured(
                    f"SHOP_VECTOR_INDEX names {named['BACKEND']}, which cannot be imported: {error}"
                ) from error
            # A space of another epoch is another life of the database: its index is of no more use.
            for old in [old for old in _indexes if (old.name, old.version) == (space.name, space.version)]:
                del _indexes[old]
            _indexes[space] = backend(space, **named.get("OPTIONS", {}))
        return _indexes[space]


def get_model(folder: Path) -> Model:
    """Return this process's model of an artefact folder, or what stands in for it.

    First the model itself, then the one in its folder's `fallback`, whose vectors live in the same space, then the
    colour part alone. Raises ModelUnavailableError if not even the descriptor can be read.
    """
    with _lock:
        kept = _models.get(folder)
        if kept is None or (kept[0].fallback and time.monotonic() - kept[1] > RETRY_MODEL_S):
            kept = _models[folder] = (_open_first(folder), time.monotonic())
        return kept[0]


def _open_first(folder: Path) -> Model:
    if not folder.exists():
        # It is put there whole, maybe at this moment: its stand-in would then be found where it was not.
        raise ModelUnavailableError("model.no_card", folder=str(folder))
    try:
        return _warm(open_model(folder))
    except ModelUnavailableError as error:
        logger.error("%s; its float32 stand-in is tried", error)
    try:
        return _warm(open_model(folder / "fallback", fallback=True))
    except ModelUnavailableError as error:
        logger.error("%s; searching by colour alone", error)
    return open_colour_model(folder)


def _warm(model: Model) -> Model:
    """Look at a grey picture, so that the first photo does not pay for opening the network."""
    model.predict([Image.new("RGB", (64, 64), "grey")])
    return model


def reset_caches(**kwargs: Any) -> None:
    """Close what was built; the next call builds anew."""
    with _lock:
        _indexes.clear()
        _models.clear()


def forget_on_change(setting: str, **kwargs: Any) -> None:
    if setting in {"VECTOR_INDEX", "VISUAL_MODEL"}:
        reset_caches()


setting_changed.connect(forget_on_change)
