"""Untrusted text on a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return `text` with control characters replaced: cells and file names may contain escape sequences."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
