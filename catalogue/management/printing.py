"""Text of anyone's on a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return `text` without what would steer the terminal; names of files and cells are anyone's."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
