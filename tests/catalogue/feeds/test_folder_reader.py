"""A folder of photos becomes rows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalogue.feeds import ArticleRow, FeedError, FolderReader, RowError
from catalogue.messages import Message


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"-")
    return path


def test_a_file_is_an_article_and_its_folders_are_its_category(tmp_path: Path) -> None:
    loose = touch(tmp_path / "A 1.v2.jpg")
    dress = touch(tmp_path / "dress" / "b.png")
    deep = touch(tmp_path / "women" / "T-Shirt" / "ç.webp")

    reader = FolderReader(tmp_path)

    assert reader.count() == 3
    assert list(reader) == [
        ArticleRow("A 1.v2.jpg", "A 1.v2", photos=(loose,), all_photos=False),
        ArticleRow("dress/b.png", "b", category=("dress",), photos=(dress,), all_photos=False),
        ArticleRow("women/T-Shirt/ç.webp", "ç", category=("women", "T-Shirt"), photos=(deep,), all_photos=False),
    ]


def test_hidden_files_and_those_that_systems_leave_are_passed_over(tmp_path: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "dress/desktop.ini", ".git/config", "__MACOSX/a.jpg"):
        touch(tmp_path / name)

    assert list(FolderReader(tmp_path)) == []


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    secret = touch(tmp_path / "secret" / "key.jpg")
    photos = tmp_path / "photos"
    inner = touch(photos / "a.jpg")
    (photos / "b.jpg").symlink_to(secret)
    (photos / "c").symlink_to(secret.parent)
    (photos / "d.jpg").symlink_to(inner)

    rows = list(FolderReader(photos))

    assert rows == [
        ArticleRow("a.jpg", "a", photos=(inner,), all_photos=False),
        RowError("b.jpg", "", Message.of("photo.outside", photo="b.jpg")),
        RowError("c", "", Message.of("photo.outside", photo="c")),
        ArticleRow("d.jpg", "d", photos=(inner,), all_photos=False),
    ]


def test_a_name_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / ("a" * 101 + ".jpg"))
    (tmp_path / os.fsdecode(b"b\xff.jpg")).write_bytes(b"-")
    (tmp_path / "c\n\x1b.jpg").write_bytes(b"-")

    rows = list(FolderReader(tmp_path))

    assert [(row.line[-9:], type(row)) for row in rows] == [
        ("aaaaa.jpg", RowError),
        ("b\\xff.jpg", RowError),
        ("c\n\x1b.jpg", RowError),
    ]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="is not a folder"):
        FolderReader(tmp_path / "none").count()
