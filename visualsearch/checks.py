"""System checks: a bad deployment is reported at the start, with its remedy."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

from visualsearch.exceptions import ModelUnavailableError
from visualsearch.inference.artefact import check_files, read_card


@register()
def check_model(app_configs: Iterable[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report a model that is not whole as an error, and its stand-in as a warning: the shop runs without it."""
    found: list[CheckMessage] = []
    for name, kind, number in (
        (settings.VISUAL_MODEL["NAME"], Error, "E001"),
        (settings.VISUAL_MODEL["FALLBACK"], Warning, "W001"),
    ):
        folder = Path(settings.ARTEFACTS_DIR) / name
        try:
            check_files(folder, read_card(folder))
        except ModelUnavailableError as error:
            hint = "Set SHOP_MODEL and SHOP_MODEL_FALLBACK to folders of visualsearch/artefacts, or switch search off."
            found.append(kind(str(error), hint=hint, id=f"visualsearch.{number}"))
    return found


@register()
def check_index(app_configs: Iterable[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report an index whose class does not import, and a data folder that takes no snapshots."""
    found: list[CheckMessage] = []
    backend = str(settings.VECTOR_INDEX["BACKEND"])
    try:
        import_string(backend)
    except ImportError as error:
        hint = "SHOP_VECTOR_INDEX names the class of an index, as in visualsearch.index.faiss.FaissIndex."
        if error.name and error.name.split(".")[0] in {"pymilvus", "grpc"}:
            hint = "Milvus needs its client: .venv/bin/uv sync --inexact --extra milvus"
        found.append(Error(f"{backend} cannot be imported: {error}", hint=hint, id="visualsearch.E002"))
    if not os.access(settings.DATA_DIR, os.W_OK):
        hint = "Set SHOP_DATA_DIR to a folder that this user may write to."
        found.append(Error(f"{settings.DATA_DIR} cannot be written to.", hint=hint, id="visualsearch.E003"))
    return found
