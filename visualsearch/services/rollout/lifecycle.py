"""Lifecycle of model versions: registration, shadow comparison, A/B trial, promotion, rollback and retirement.

The state is in the versions' rows, which every search reads. So a switch takes effect with the next search, in every
process; a search that is running is answered by the version that it read.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from visualsearch.exceptions import ModelUnavailableError, RolloutError, SearchUnavailableError
from visualsearch.index.checksums import file_sha256
from visualsearch.inference.artefact import CARD_FILE, check_files, read_card
from visualsearch.inference.types import Card
from visualsearch.models import EmbeddingFailure, LogEntry, ModelVersion, PhotoEmbedding, new_epoch
from visualsearch.services import model_files, versions
from visualsearch.services.retrieval.engine import Engine

logger = logging.getLogger(__name__)

State = ModelVersion.State

# Percentages of visitors that a version on trial may get.
SHARES = (0, 1, 10, 50, 100)
# Rows of a retired version that are deleted at once.
ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Assignment:
    """The version that answers a visitor's search, with its model and index, and those in shadow comparison with it."""

    engine: Engine
    shadow: Sequence[ModelVersion] = field(default=())


def assign_version(visitor: str) -> Assignment:
    """Return the version that answers a visitor's searches. Sticky: the same while shares only grow.

    `visitor` is any text that stays the same for one visitor; if empty, the serving version answers. If the version on
    trial cannot search, the serving one answers. Raises SearchUnavailableError if none can.
    """
    routable = versions.routable_versions()
    trial = next((row for row in routable if row.share), None)

    def compared(engine: Engine) -> list[ModelVersion]:
        return [row for row in routable if row.shadow and row != engine.version]

    if trial is not None and visitor and bucket_of(visitor, trial) < trial.share:
        engine = Engine(trial)
        try:
            # Opened here, where the serving version can still take over.
            engine.model, engine.index  # noqa: B018  (opening is what they are read for)
        except SearchUnavailableError as error:
            logger.error("%s is on trial and cannot search, so the serving version answers: %s", trial, error)
        else:
            return Assignment(engine, compared(engine))
    serving = next((row for row in routable if row.state == State.SERVING), None)
    engine = Engine(serving) if serving else Engine.serving()
    return Assignment(engine, compared(engine))


def bucket_of(visitor: str, version: ModelVersion) -> int:
    """Return a visitor's bucket in a version's trial, 0 to 99, by hashing. Buckets below the share are in the trial."""
    digest = hashlib.sha256(f"{version.name} {version.version} {visitor}".encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest()[:8]) % 100


def artefacts() -> dict[str, Card]:
    """Return the artefacts that can be registered, by folder: shipped ones, and those in the data folder."""
    cards: dict[str, Card] = {}
    for folder in _folders():
        try:
            card = read_card(folder)
        except ModelUnavailableError as error:
            logger.warning("%s is no artefact: %s", folder, error)
            continue
        known = ModelVersion.objects.active().filter(name=card.name, version=card.version)
        if not known.exists():
            cards[str(folder)] = card
    return cards


def _folders() -> Iterator[Path]:
    for root in (Path(settings.ARTEFACTS_DIR), Path(settings.VISUAL_MODEL["CANDIDATES"])):
        if root.is_dir():
            yield from sorted(folder for folder in root.iterdir() if folder.is_dir())


def register(folder: str) -> ModelVersion:
    """Register an artefact as a version in state BUILDING: the catalogue is embedded while another version serves.

    Raises RolloutError for a folder that is none of `artefacts`, or whose files do not have their card's checksums.
    """
    # The first version of a shop serves at once. This makes it the shipped one, whatever is registered first.
    try:
        versions.serving_version()
    except SearchUnavailableError as error:
        raise RolloutError(error.message) from error
    card = artefacts().get(folder)
    if card is None:
        raise RolloutError("rollout.no_artefact")
    source = Path(folder)
    try:
        check_files(source, card)
    except ModelUnavailableError as error:
        raise RolloutError(error.message) from error
    stand_in = Path(settings.ARTEFACTS_DIR) / settings.VISUAL_MODEL["FALLBACK"]
    try:
        with transaction.atomic():
            version, created = ModelVersion.objects.get_or_create(
                name=card.name,
                version=card.version,
                defaults={
                    "dimensions": card.dimensions,
                    "vectors_a_photo": card.vectors_a_photo,
                    "card_sha256": file_sha256(source / CARD_FILE),
                    "serves_when_built": False,
                },
            )
            if not created:
                _begin_again(version, card, source)
            versions.copy_artefact(source, stand_in if _shares_space(stand_in, card) else source, version.folder)
            model_files.publish(version)
    except IntegrityError:
        return ModelVersion.objects.get(name=card.name, version=card.version)
    except OSError as error:
        raise RolloutError("rollout.not_copied", source=str(source), error=str(error)) from error
    return version


def _begin_again(version: ModelVersion, card: Card, source: Path) -> None:
    """Put a retired version back into state BUILDING, with a new epoch of its index."""
    if version.state != State.RETIRED:
        raise RolloutError("rollout.registered", version=str(version))
    if version.embeddings.exists():
        raise RolloutError("rollout.being_removed", version=str(version))
    ModelVersion.objects.filter(pk=version.pk).update(
        state=State.BUILDING,
        epoch=new_epoch(),
        dimensions=card.dimensions,
        vectors_a_photo=card.vectors_a_photo,
        card_sha256=file_sha256(source / CARD_FILE),
        serves_when_built=False,
    )
    version.refresh_from_db()


def _shares_space(folder: Path, card: Card) -> bool:
    try:
        return read_card(folder).space == card.space
    except ModelUnavailableError:
        return False


def finish_built() -> None:
    """Set versions without pending photos to READY, and promote those with `serves_when_built`."""
    for version in ModelVersion.objects.filter(state=State.BUILDING):
        if version.waiting().exists():
            continue
        with transaction.atomic():
            if _locked().get(version.pk) != State.BUILDING:
                continue
            ModelVersion.objects.filter(pk=version.pk).update(state=State.READY)
            if version.serves_when_built:
                _switch_to(version)
        logger.info("%s is complete", version)


def set_shadow(version: ModelVersion, *, wanted: bool) -> None:
    """Begin or end a version's shadow comparison. Raises RolloutError if it is not complete."""
    changed = ModelVersion.objects.filter(pk=version.pk, state__in=[State.READY, State.STANDBY]).update(shadow=wanted)
    if not changed:
        raise RolloutError("rollout.no_shadow_test", version=str(version))


@transaction.atomic
def set_share(version: ModelVersion, share: int) -> None:
    """Set the percentage of visitors in a version's trial, one of SHARES. Raises RolloutError if it cannot be tried."""
    if share not in SHARES:
        raise RolloutError("rollout.no_such_share")
    if _locked().get(version.pk) != State.READY:
        raise RolloutError("rollout.not_ready", version=str(version))
    if share and ModelVersion.objects.exclude(pk=version.pk).filter(share__gt=0).exists():
        raise RolloutError("rollout.other_on_trial")
    ModelVersion.objects.filter(pk=version.pk).update(share=share)


@transaction.atomic
def promote(version: ModelVersion) -> None:
    """Have a complete version serve. The former one becomes STANDBY and is kept up to date. Idempotent.

    Raises RolloutError if it is not complete.
    """
    state = _locked().get(version.pk)
    if state == State.SERVING:
        return
    if state not in {State.READY, State.STANDBY}:
        raise RolloutError("rollout.not_complete", version=str(version))
    _switch_to(version)
    logger.info("%s serves now", version)


def previous() -> ModelVersion | None:
    """Return the version that served before the serving one, if it is still on standby."""
    standby = ModelVersion.objects.filter(state=State.STANDBY)
    return standby.order_by(F("served_since").desc(nulls_last=True), "-pk").first()


def go_back() -> ModelVersion:
    """Roll back to the version that served before. Raises RolloutError if there is none."""
    version = previous()
    if version is None:
        raise RolloutError("rollout.nothing_before")
    promote(version)
    return version


@transaction.atomic
def retire(version: ModelVersion) -> None:
    """Retire a version: its vectors are deleted, its tokens outdated. Raises RolloutError for the serving one."""
    state = _locked().get(version.pk)
    if state == State.SERVING:
        raise RolloutError("rollout.serving", version=str(version))
    ModelVersion.objects.filter(pk=version.pk).update(state=State.RETIRED, share=0, shadow=False)


def remove_retired() -> int:
    """Delete up to ROWS_AT_ONCE rows of each kind of retired versions, and return how many. Snapshots stay."""
    removed = 0
    for version in ModelVersion.objects.filter(state=State.RETIRED):
        for model in (PhotoEmbedding, EmbeddingFailure, LogEntry):
            keys = list(model.objects.filter(model_version=version).values_list("pk", flat=True)[:ROWS_AT_ONCE])
            with transaction.atomic():
                if _locked().get(version.pk) == State.RETIRED:
                    removed += model.objects.filter(pk__in=keys).delete()[0]
    return removed


def _locked() -> dict[int, str]:
    """Lock all versions' rows, in id order against deadlocks, and return their states by id."""
    rows = ModelVersion.objects.select_for_update(no_key=True).order_by("pk")
    return {row.pk: row.state for row in rows}


def _switch_to(version: ModelVersion) -> None:
    ModelVersion.objects.filter(state=State.SERVING).update(state=State.STANDBY)
    ModelVersion.objects.filter(pk=version.pk).update(
        state=State.SERVING, share=0, shadow=False, served_since=timezone.now()
    )
