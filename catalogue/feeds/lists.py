r"""Splits and joins several texts in one cell.

A backslash directly before the separator escapes it: `a\|b` is one text. Backslashes at the end of a text are doubled:
`a\\|b` is two texts, the first of which is `a\`. Everywhere else a backslash stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def split(text: str, separator: str) -> list[str]:
    """Return the texts of a cell, white space included; an empty cell has one empty text."""
    parts, current, end = [], "", 0
    for found in re.finditer(rf"(\\*){re.escape(separator)}", text):
        slashes = len(found[1])
        current += text[end : found.start()] + "\\" * (slashes // 2)
        end = found.end()
        if slashes % 2:
            current += separator
        else:
            parts.append(current)
            current = ""
    return [*parts, current + text[end:]]


def join(parts: Sequence[str], separator: str) -> str:
    """Return the cell that `split` splits into these texts."""
    pattern = rf"(\\*){re.escape(separator)}"
    escaped = [re.sub(pattern, lambda found: f"{found[1] * 2}\\{separator}", part) for part in parts]
    ended = [re.sub(r"\\+$", lambda found: found[0] * 2, part) for part in escaped[:-1]]
    return separator.join([*ended, *escaped[-1:]])
