"""Which model versions there are: registering what the package ships, and putting it to work."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.utils import timezone

from catalogue.prepared import Prepared
from visualsearch import backends
from visualsearch.exceptions import ModelUnavailableError, SearchUnavailableError, TokenOutdatedError
from visualsearch.index.checksums import file_sha256
from visualsearch.inference.artefact import CARD_FILE, read_card, wrong_files
from visualsearch.inference.types import Model
from visualsearch.models import ModelVersion
from visualsearch.services import model_files

logger = logging.getLogger(__name__)

State = ModelVersion.State

_COLUMNS = tuple(field.attname for field in ModelVersion._meta.concrete_fields)
_ROUTABLE = Prepared(lambda: ModelVersion.objects.routable().values_list(*_COLUMNS))
_NAMED = Prepared(
    lambda name, version: ModelVersion.objects.active().filter(name=name, version=version).values_list(*_COLUMNS)
)


def routable_versions() -> list[ModelVersion]:
    """Return the versions that have to do with searches now: that serves, on trial, or compared silently."""
    return [ModelVersion.from_db(DEFAULT_DB_ALIAS, _COLUMNS, row) for row in _ROUTABLE.rows()]


def serving_version() -> ModelVersion:
    """Return the version that answers searches. The first call ever registers the shipped one.

    Raises SearchUnavailableError if there is none and none can be registered.
    """
    version = next((row for row in routable_versions() if row.state == State.SERVING), None)
    if version is None:
        version = register_shipped()
        if version.state != State.SERVING:
            raise SearchUnavailableError("search.no_version")
    return version


def fed_versions() -> list[ModelVersion]:
    """Return the versions whose vectors are kept up to date, in id order; the shipped one if there is none yet.

    Raises SearchUnavailableError if none can be registered.
    """
    return list(ModelVersion.objects.active().order_by("pk")) or [register_shipped()]


def named_version(name: str, version: str) -> ModelVersion:
    """Return a version that is still fed. Raises TokenOutdatedError for one that is retired or unknown."""
    rows = _NAMED.rows(None, name, version)
    if not rows:
        raise TokenOutdatedError("token.expired")
    return ModelVersion.from_db(DEFAULT_DB_ALIAS, _COLUMNS, rows[0])


def get_model(version: ModelVersion) -> Model:
    """Return a version's model in this process. Raises SearchUnavailableError if not even its colour part opens."""
    try:
        return backends.get_model(version.folder)
    except ModelUnavailableError as error:
        if version.folder.exists() or not _brought(version):
            raise SearchUnavailableError(error.message) from error
    return get_model(version)


def _brought(version: ModelVersion) -> bool:
    """Bring the files of a version to a machine that joined others. Returns whether they are there now."""
    if not model_files.are_shared():
        return False
    if not model_files.fetch(version):
        # The shipped one comes with the package.
        register_shipped()
    return version.folder.exists()


def damaged_files(version: ModelVersion) -> list[str]:
    """Return the files of a version's folder, and of its fallback's, that are not as their cards say."""
    fallback = version.folder / "fallback"
    return [
        str(path.relative_to(version.folder))
        for folder in (version.folder, fallback)
        if folder == version.folder or fallback.is_dir()
        for path in wrong_files(folder)
    ]


def register_shipped() -> ModelVersion:
    """Register the artefact that settings.VISUAL_MODEL names, if it is not yet. Safe to repeat and to race.

    Its files are copied into the data folder, so that an upgrade of the package leaves the serving model alone. The
    first one serves at once; a later one is building until it has every photo's vector. Raises SearchUnavailableError
    if the artefact has no card, or cannot be copied.
    """
    named = settings.VISUAL_MODEL
    source = Path(settings.ARTEFACTS_DIR) / named["NAME"]
    try:
        card = json.loads((source / CARD_FILE).read_text())
    except (OSError, ValueError) as error:
        raise SearchUnavailableError("search.no_card", model=str(named["NAME"]), error=str(error)) from error
    digest = file_sha256(source / CARD_FILE)
    version = ModelVersion.objects.filter(name=card["name"], version=card["version"]).first()
    if version is None:
        try:
            with transaction.atomic():
                first = not ModelVersion.objects.exists()
                version = ModelVersion.objects.create(
                    name=card["name"],
                    version=card["version"],
                    dimensions=card["dimensions"],
                    vectors_a_photo=card.get("vectors_a_photo", 1),
                    card_sha256=digest,
                    state=State.SERVING if first else State.BUILDING,
                    served_since=timezone.now() if first else None,
                )
        except IntegrityError:
            # Another process was first.
            version = ModelVersion.objects.get(name=card["name"], version=card["version"])
    if not has_card(version.folder):
        try:
            copy_artefact(source, Path(settings.ARTEFACTS_DIR) / named["FALLBACK"], version.folder)
        except OSError as error:
            raise SearchUnavailableError(
                "search.not_copied", source=str(source), target=str(version.folder), error=str(error)
            ) from error
    return version


def has_card(folder: Path) -> bool:
    try:
        read_card(folder)
    except ModelUnavailableError:
        return False
    return True


def copy_artefact(source: Path, fallback: Path, target: Path) -> None:
    """Copy an artefact, and the one that stands in for it, to where it is served from: whole or not at all.

    What lies there without a card is set aside. Raises OSError if it cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        shutil.copytree(source, part)
        if fallback.is_dir():
            shutil.copytree(fallback, part / "fallback")
        if target.exists() and not has_card(target):
            aside = target.rename(target.with_name(f".aside-{target.name}-{uuid4().hex[:8]}"))
            logger.warning("%s had no readable card; it is set aside as %s", target, aside.name)
        part.rename(target)
    except OSError:
        # No error where another process put it there in between.
        if not has_card(target):
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
