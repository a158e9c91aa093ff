"""The order of sizes, as people expect it: XS before S before M, 36 before 38, anything else by its letters."""

from __future__ import annotations

import re

_LETTERS = re.compile(r"(?:(\d{1,2})|(X{0,6}))([SML])", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def size_key(size: str) -> tuple[int, float, str]:
    """Return what sizes are sorted by: letters, then numbers, then anything else."""
    text = size.strip()
    if found := _LETTERS.fullmatch(text):
        # 2XL is written XXL too.
        extra = int(found[1]) if found[1] else len(found[2])
        letter = found[3].upper()
        return 0, {"S": -1 - extra, "M": 0, "L": 1 + extra}[letter], text
    if found := re.fullmatch(r"(\d{1,2})X([SL])", text, re.IGNORECASE):
        extra = int(found[1])
        return 0, -1 - extra if found[2].upper() == "S" else 1 + extra, text
    if number := _NUMBER.match(text):
        return 1, float(number[0].replace(",", ".")), text
    return 2, 0, text.casefold()
