"""Articles from a folder of photos.

Each file is an article: its name without the extension is the sku, kept exactly. Its subfolders name the category:
`dress/linen.jpg` is the article "linen" in the category "dress". Hidden files and those that operating systems create
are skipped; any other file that is not a picture is refused, so that no photo is left out silently. A name that a
camera made up, as IMG_1234, is no name for shoppers: they read that of the category.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePath

from catalogue.feeds import cells
from catalogue.feeds.archives import is_left_behind
from catalogue.feeds.photo_files import find_inside
from catalogue.feeds.rows import ArticleRow, CellError, FeedError, PhotoOrigin, Reader, RowError
from catalogue.naming import says_nothing

# What an article is called of which nothing is known, in English and in French.
NAMELESS = ("New product", "Nouvel article")


class FolderReader(Reader):
    """Reads a folder of photos."""

    photos_only = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def count(self) -> int:
        return sum(1 for _ in self._files())

    def __iter__(self) -> Iterator[ArticleRow | RowError]:
        for path in self._files():
            relative = path.relative_to(self.folder)
            # A name that is not UTF-8 can be neither shown nor stored as it is.
            line = os.fsencode(relative).decode("utf-8", "backslashreplace")
            yield row_of_photo(line, relative, partial(find_inside, self.folder, str(relative)))

    def _files(self) -> Iterator[Path]:
        """Yield every file below the folder, sorted by name in each folder. Links to folders count as files."""
        if not self.folder.is_dir():
            raise FeedError("feed.not_a_folder", folder=str(self.folder))
        for parent, folders, files in os.walk(self.folder):
            folders[:] = sorted(name for name in folders if not is_left_behind(name))
            links = [name for name in folders if Path(parent, name).is_symlink()]
            for name in sorted([*files, *links]):
                if not is_left_behind(name):
                    yield Path(parent, name)


def row_of_photo(line: str, path: PurePath, find: Callable[[], PhotoOrigin]) -> ArticleRow | RowError:
    """Return the article of a photo at a relative path. `find` returns the photo, or raises CellError."""
    try:
        category = cells.read_path(path.parts[:-1])
        # Shoppers are not shown what a camera calls its files.
        names = (category[-1], "") if category else NAMELESS
        return ArticleRow(
            line,
            cells.check_text(path.stem, at_most=cells.MAX_SKU),
            category=category or None,
            photos=(find(),),
            all_photos=False,
            default_names=names if says_nothing(path.stem) else None,
        )
    except CellError as error:
        return RowError(line, "", error.message)
