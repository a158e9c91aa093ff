"""How many bytes a request, and each of its files, may have: each limit is reached, and then passed by one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import StopFutureHandlers

from catalogue.messages import english
from catalogue.photos import uploads
from catalogue.photos.uploads import BoundedMemoryUploadHandler, ImportUploadHandler

HANDLERS = {"photo": BoundedMemoryUploadHandler, "import": ImportUploadHandler}


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.PHOTO_MAX_BYTES, settings.IMPORT_MAX_BYTES = 50, 400


@pytest.mark.parametrize(("kind", "most"), [("photo", 50 * 10), ("import", 400 + 100_000)])
def test_a_request_has_so_many_bytes(kind: str, most: int) -> None:
    handler: Any = HANDLERS[kind]()

    handler.handle_raw_input(None, {}, most, None)

    assert uploads.PHOTOS_A_REQUEST == 10
    with pytest.raises(RequestDataTooBig):
        handler.handle_raw_input(None, {}, most + 1, None)


@pytest.mark.parametrize(("kind", "most"), [("photo", 50), ("import", 400)])
def test_each_file_has_so_many_bytes_however_they_come(kind: str, most: int) -> None:
    def begun() -> Any:
        handler: Any = HANDLERS[kind]()
        handler.handle_raw_input(None, {}, 0, None)
        with suppress(StopFutureHandlers):
            handler.new_file("image", "a.png", "image/png", None)
        return handler

    whole, pieces, over, over_in_pieces = begun(), begun(), begun(), begun()
    whole.receive_data_chunk(b"a" * most, 0)
    pieces.receive_data_chunk(b"a" * (most - 1), 0)
    pieces.receive_data_chunk(b"a", most - 1)
    over_in_pieces.receive_data_chunk(b"a" * most, 0)

    assert [handler.file_complete(most).size for handler in (whole, pieces)] == [most, most]
    with pytest.raises(RequestDataTooBig):
        over.receive_data_chunk(b"a" * (most + 1), 0)
    with pytest.raises(RequestDataTooBig):
        over_in_pieces.receive_data_chunk(b"a", most)
    for handler in (whole, pieces):
        handler.file.close()


@pytest.mark.parametrize(
    ("kind", "files", "words"),
    [
        ("photo", "request", "The request is 2 MB; the limit is 1 MB."),
        ("photo", "file", "The file is larger than 0.1 MB."),
        ("import", "request", "The request is 3 MB; the limit is 0.4 MB."),
        ("import", "file", "The file is larger than 0.4 MB."),
    ],
)
def test_what_is_too_large_is_told_with_its_limit(settings: Any, kind: str, files: str, words: str) -> None:
    settings.PHOTO_MAX_BYTES, settings.IMPORT_MAX_BYTES = 100_000, 400_000
    handler: Any = HANDLERS[kind]()

    with pytest.raises(uploads.UploadTooLargeError) as refused:
        if files == "request":
            handler.handle_raw_input(None, {}, 2_000_000 if kind == "photo" else 3_000_000, None)
        handler.handle_raw_input(None, {}, 0, None)
        with suppress(StopFutureHandlers):
            handler.new_file("image", "a.png", "image/png", None)
        handler.receive_data_chunk(b"a" * 400_001, 0)

    assert str(refused.value).startswith(words)
    assert str(refused.value) == english(refused.value.message)
