"""Apps of partners, and the batches that they hand in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalogue.models import ApiClient
from visualsearch.services import batches


def partner_client(**quotas: int) -> Client:
    partner = ApiClient(name="Finder", rates=quotas)
    key = partner.new_key()
    partner.save()
    return Client(headers={"Authorization": f"Api-Key {key}"})


def photo_file(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def hand_in(client: Client, contents: Sequence[bytes], **options: Any) -> Any:
    files = [photo_file(content, f"{number}.jpg") for number, content in enumerate(contents)]
    return client.post("/api/batches", {"images": files, **options})


def look_through(answer: Any) -> UUID:
    batch_id = UUID(answer.json()["id"])
    while batches.run_slice(batch_id, for_s=60):
        pass
    return batch_id


def waiting_files() -> list[Path]:
    return [path for path in (Path(settings.DATA_DIR) / "waiting").rglob("*") if path.is_file()]
