"""Parsers of request bodies."""

from __future__ import annotations

from io import BytesIO
from json import JSONDecodeError
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.http.multipartparser import MultiPartParserError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, JSONParser, MultiPartParser

from catalogue.exceptions import InvalidRequestError
from catalogue.imaging import FORMATS, sniff_format
from catalogue.messages import Message
from catalogue.messages.rendering import render
from catalogue.photos.uploads import UploadTooLargeError

# The parts of forms that hold photos.
PHOTO_FIELDS = frozenset({"image", "images"})
# Every byte is a character of it, so that no byte of a part is lost.
_BYTES = "latin-1"


class BoundedJSONParser(JSONParser):
    """Parses JSON. Nesting beyond Python's recursion limit is a client error (400), not a server error (500)."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(render(Message.of("request.nested_too_deeply"))) from error
        except ParseError as error:
            raise ParseError(render(why_not_json(error.__context__))) from error


def why_not_json(cause: BaseException | None) -> Message:
    match cause:
        case JSONDecodeError():
            return Message.of("request.not_json", line=cause.lineno, column=cause.colno)
        case UnicodeError():
            return Message.of("request.not_utf8")
    # NaN, Infinity, and integers of thousands of digits.
    return Message.of("request.json_number")


class PhotoFormParser(MultiPartParser):
    """Parses a form. A part `image` or `images` is a photo with or without a filename, whatever its Content-Type.

    OkHttp, axios and generated clients send a picture without a filename. Django takes such a part for text, and
    replaces what is not UTF-8. Here its bytes are kept, within Django's limit of the text of a request
    (DATA_UPLOAD_MAX_MEMORY_SIZE). Base64 stays text.
    """

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        request = (parser_context or {})["request"]
        meta = {**request.META, "CONTENT_TYPE": media_type}
        try:
            fields, files = DjangoMultiPartParser(meta, stream, request.upload_handlers, _BYTES).parse()
        except MultiPartParserError as error:
            raise ParseError(render(Message.of("request.form"))) from error
        except UploadTooLargeError:
            raise
        except RequestDataTooBig as error:
            limit = round(settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1e6)
            raise UploadTooLargeError(Message.of("request.form_too_large", limit=limit)) from error
        data = QueryDict(mutable=True)
        for name, parts in fields.lists():
            while parts:
                # Taken out one by one, so that a photo is in memory twice and not three times.
                part = parts.pop(0).encode(_BYTES)
                if name in PHOTO_FIELDS and is_binary(part):
                    files.appendlist(name, photo_of(name, part))
                else:
                    data.appendlist(name, text_of(name, part))
        return DataAndFiles(data, files)


def is_binary(part: bytes) -> bool:
    """Whether a part is a file. Base64 and addresses are ASCII."""
    return not part.isascii() or sniff_format(part[:64]) is not None


def photo_of(name: str, part: bytes) -> InMemoryUploadedFile:
    """Return a part as an uploaded file, named after its format. Raises UploadTooLargeError."""
    if len(part) > settings.PHOTO_MAX_BYTES:
        raise UploadTooLargeError(Message.of("image.over_bytes", limit=settings.PHOTO_MAX_BYTES / 1e6))
    ending = FORMATS.get(sniff_format(part[:64]) or "", "bin")
    return InMemoryUploadedFile(BytesIO(part), name, f"photo.{ending}", "application/octet-stream", len(part), None)


def text_of(name: str, part: bytes) -> str:
    """Return a part as text. Raises InvalidRequestError for one that is not UTF-8."""
    try:
        return part.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequestError({name: [Message.of("request.not_utf8")]}) from error
