r"""Several texts in one cell, with a separator between.

A backslash directly before the separator makes it part of the text: `a\|b` is one text. To end a text with backslashes,
they are doubled there: `a\\|b` are two, the first of which is `a\`. Everywhere else a backslash is just that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def split(text: str, separator: str) -> list[str]:
    """Return the texts of a cell, as they are; an empty cell has one, which is empty."""
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
    """Return the cell of which `split` makes these texts."""
    pattern = rf"(\\*){re.escape(separator)}"
    escaped = [re.sub(pattern, lambda found: f"{found[1] * 2}\\{separator}", part) for part in parts]
    ended = [re.sub(r"\\+$", lambda found: found[0] * 2, part) for part in escaped[:-1]]
    return separator.join([*ended, *escaped[-1:]])
