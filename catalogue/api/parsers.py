"""Parsers of request bodies."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from catalogue.messages import Message
from catalogue.messages.rendering import render


class BoundedJSONParser(JSONParser):
    """Parses JSON. Nesting beyond Python's recursion limit is a client error (400), not a server error (500)."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(render(Message.of("request.nested_too_deeply"))) from error
