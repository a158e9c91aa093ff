"""Decodes untrusted bytes to upright RGB pictures, and makes renditions. An engine: no Django, no settings."""

from __future__ import annotations

from catalogue.imaging.addresses import FetchPolicy, is_public
from catalogue.imaging.base64_text import decode_base64
from catalogue.imaging.downloads import Downloaded, download
from catalogue.imaging.fetching import Fetched, fetch_image, fetch_picture
from catalogue.imaging.formats import FORMATS, sniff_format
from catalogue.imaging.guarded_client import Credentials, HttpValidators, Request, check_address, plain_address, post
from catalogue.imaging.limits import Limits
from catalogue.imaging.reading import Description, describe_image, measure_image, read_image
from catalogue.imaging.renditions import crop_to, is_whole, render, rendition_size

__all__ = [
    "FORMATS",
    "Credentials",
    "Description",
    "Downloaded",
    "FetchPolicy",
    "Fetched",
    "HttpValidators",
    "Limits",
    "Request",
    "check_address",
    "crop_to",
    "decode_base64",
    "describe_image",
    "download",
    "fetch_image",
    "fetch_picture",
    "is_public",
    "is_whole",
    "measure_image",
    "plain_address",
    "post",
    "read_image",
    "render",
    "rendition_size",
    "sniff_format",
]
