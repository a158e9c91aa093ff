"""Several categories of an article: which is its own, and which are additional."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from catalogue.feeds.rows import CellError

Path = tuple[str, ...]

# More categories than this in one article indicate a malformed source.
CATEGORIES_AT_MOST = 50


def categories(paths: Iterable[Path], *, main: Path | None = None) -> dict[str, Any]:
    """Return an article's category and the additional ones, by the attribute of ArticleRow.

    The main one is the longest, unless it is given. Those above another are categories of the article anyway. Raises
    CellError for too many.
    """
    found = list(dict.fromkeys(path for path in paths if path))
    if not found:
        return {}
    if len(found) > CATEGORIES_AT_MOST:
        raise CellError("cell.too_many_categories", number=len(found), limit=CATEGORIES_AT_MOST)
    if main and len(found) == 1:
        # A list of products may name the first alone: it says nothing of others.
        return {"category": main}
    main = main or max(found, key=len)
    others = [path for path in found if not any(path == other[: len(path)] for other in found if other != path)]
    return {"category": main, "additional_categories": tuple(path for path in others if path != main)}
