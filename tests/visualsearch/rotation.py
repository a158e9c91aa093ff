"""A second model version beside the one that serves: the float32 network, under a name of its own."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings

from catalogue.models import Photo
from visualsearch.models import ModelVersion
from visualsearch.services.indexing import embedding
from visualsearch.services.rollout import lifecycle


def shipped_version() -> str:
    """Return the version that both shipped files have."""
    return str(json.loads((Path(float32_folder()) / "card.json").read_text())["version"])


def float32_folder() -> str:
    return str(Path(settings.ARTEFACTS_DIR) / "mobilenetv2-clothing-float32")


def second_version(*, built: bool = True) -> ModelVersion:
    """Return a registered version, with every photo's vector and ready, or with none yet."""
    version = ModelVersion.objects.filter(name="mobilenetv2-clothing-float32").exclude(
        state=ModelVersion.State.RETIRED
    ).first() or lifecycle.register(float32_folder())
    if built:
        embedding.embed_photos(list(Photo.objects.values_list("pk", flat=True)))
        lifecycle.finish_built()
    version.refresh_from_db()
    return version
