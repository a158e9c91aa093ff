"""A store that speaks the protocol of S3, in this process, and shops whose files are in it.

TEST_S3_ENDPOINT, TEST_S3_ACCESS_KEY and TEST_S3_SECRET_KEY name another one, in which a bucket is made for the run.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import storages
from django.db.models import FileField
from pytest_django import Settings

from catalogue.photos.object_storage import ObjectStorage
from shop.operations.stores import bucket_storages

Bucket = dict[str, Any]
MAX_BYTES = 50_000_000


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a server, which starts in the time that one test takes."""
    if address := os.environ.get("TEST_S3_ENDPOINT"):
        yield address
        return
    from moto.server import ThreadedMotoServer  # noqa: PLC0415  (it takes 3 s to import, for every process of tests)

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def session_bucket(s3_server: str) -> Bucket:
    access = {name: os.environ.get(f"TEST_S3_{name.upper()}", name) for name in ("access_key", "secret_key")}
    described = {
        "name": f"shop-{secrets.token_hex(8)}",
        "folder": "a shop",
        "endpoint": s3_server,
        "region": "us-east-1",
        **access,
    }
    client_of(described).create_bucket(Bucket=described["name"])
    return described


@pytest.fixture
def bucket(session_bucket: Bucket) -> Iterator[Bucket]:
    """An empty bucket, as settings describe one. The same for all tests, since each new client takes .2 s."""
    yield session_bucket
    for key in keys_of(session_bucket):
        client_of(session_bucket).delete_object(Bucket=session_bucket["name"], Key=f"{session_bucket['folder']}/{key}")


@pytest.fixture
def files_in_bucket(bucket: Bucket, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """Have the shop's files in the bucket."""
    put_files_into(bucket, settings, monkeypatch)
    return bucket


def put_files_into(bucket: Bucket, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"photos": MAX_BYTES}
    settings.S3_BUCKET = bucket
    settings.BUCKET_STORAGES = bucket_storages(bucket, "/media/", limits)
    settings.STORAGES = {**settings.STORAGES, **settings.BUCKET_STORAGES}
    # A field asks for its storage once, as its model is imported.
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, FileField) and (name := getattr(field, "_storage_callable", None)):
                monkeypatch.setattr(field, "storage", name())
    assert isinstance(storages["photos"], ObjectStorage)


def client_of(bucket: Bucket) -> Any:
    """Return a client of boto3, to look past the shop."""
    return _client(bucket["endpoint"], bucket["region"], bucket["access_key"], bucket["secret_key"])


@cache
def _client(endpoint: str, region: str, access_key: str, secret_key: str) -> Any:
    import boto3  # noqa: PLC0415  (as above)

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )


def keys_of(bucket: Bucket, folder: str = "") -> set[str]:
    """Return the names of the objects below a folder of the shop's."""
    prefix = f"{bucket['folder']}/{folder}/" if folder else f"{bucket['folder']}/"
    pages = client_of(bucket).get_paginator("list_objects_v2").paginate(Bucket=bucket["name"], Prefix=prefix)
    return {each["Key"].removeprefix(prefix) for page in pages for each in page.get("Contents", ())}
