"""Decodes untrusted bytes to upright RGB pictures, and makes renditions. An engine: no Django, no settings."""

from __future__ import annotations

from catalogue.imaging.addresses import FetchPolicy, is_public
from catalogue.imaging.base64_text import decode_base64
from catalogue.imaging.fetching import Fetched, HttpValidators, fetch_image, fetch_picture, plain_address
from catalogue.imaging.formats import FORMATS, sniff_format
from catalogue.imaging.limits import Limits
from catalogue.imaging.reading import Description, describe_image, read_image
from catalogue.imaging.renditions import crop_to, is_whole, render

__all__ = [
    "FORMATS",
    "Description",
    "FetchPolicy",
    "Fetched",
    "HttpValidators",
    "Limits",
    "crop_to",
    "decode_base64",
    "describe_image",
    "fetch_image",
    "fetch_picture",
    "is_public",
    "is_whole",
    "plain_address",
    "read_image",
    "render",
    "sniff_format",
]
