"""Compressing what is written on the spot: pages and answers. Files have been compressed beforehand, pictures are."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

WRITTEN = ("text/", "application/json", "application/problem+json", "application/xml", "application/vnd.oai.openapi")


class CompressionMiddleware(GZipMiddleware):
    """Django's, which hides how long a page is against BREACH (https://breachattack.com), for text alone.

    A picture would only become slower to send, and a stream of it would lose its length.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith(WRITTEN):
            return response
        return super().process_response(request, response)
