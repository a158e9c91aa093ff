"""The vector index and the models that the settings name: created on first use, once per process, after any fork."""

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

# Seconds until a model that failed to open is tried again; its fallback serves until then.
RETRY_MODEL_S = 60.0

_lock = threading.Lock()
_indexes: dict[Space, VectorIndex] = {}
_models: dict[Path, tuple[Model, float]] = {}


def get_index(space: Space) -> VectorIndex:
    """Return this process's index of a space, of the class that settings.VECTOR_INDEX names."""
    with _lock:
        if space not in _indexes:
            configured: dict[str, Any] = settings.VECTOR_INDEX
            try:
                backend = import_string(configured["BACKEND"])
            except ImportError as error:
                raise ImproperlyConfigured(
                    f"SHOP_VECTOR_INDEX names {configured['BACKEND']}, which cannot be imported: {error}"
                ) from error
            # Another epoch means that the database was restored: the index of the former epoch is useless.
            for old in [old for old in _indexes if (old.name, old.version) == (space.name, space.version)]:
                del _indexes[old]
            _indexes[space] = backend(space, **configured.get("OPTIONS", {}))
        return _indexes[space]


def get_model(folder: Path) -> Model:
    """Return this process's model of an artefact folder, or its fallback.

    The order is: the model itself, the model in the subfolder `fallback`, whose vectors are of the same space, and the
    colour model. Raises ModelUnavailableError if not even the descriptor can be read.
    """
    with _lock:
        cached = _models.get(folder)
        if cached is None or (cached[0].fallback and time.monotonic() - cached[1] > RETRY_MODEL_S):
            cached = _models[folder] = (_open_first(folder), time.monotonic())
        return cached[0]


def _open_first(folder: Path) -> Model:
    if not folder.exists():
        # The folder appears by one rename, perhaps right now: going on could open the fallback of a good model.
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
    """Run the model once on a grey picture, so that the first photo does not wait for the network to be allocated."""
    model.predict([Image.new("RGB", (64, 64), "grey")])
    return model


def reset_caches(**kwargs: Any) -> None:
    """Drop the cached indexes and models; the next call creates them again."""
    with _lock:
        _indexes.clear()
        _models.clear()


def forget_on_change(setting: str, **kwargs: Any) -> None:
    if setting in {"VECTOR_INDEX", "VISUAL_MODEL"}:
        reset_caches()


setting_changed.connect(forget_on_change)
