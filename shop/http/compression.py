"""Compression of dynamic text responses. Static files are compressed when collected; pictures need no compression."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

WRITTEN = ("text/", "application/json", "application/problem+json", "application/xml", "application/vnd.oai.openapi")


class CompressionMiddleware(GZipMiddleware):
    """Django's GZipMiddleware with its BREACH mitigation (https://breachattack.com), for text alone.

    Compressing a picture costs time without saving bytes, and a stream of it would lose its Content-Length.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith(WRITTEN):
            return response
        return super().process_response(request, response)
