"""ZIP files: what of them is read, and which are refused."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath
from unicodedata import normalize

import pytest

from catalogue.feeds import FeedError, archives, recognise
from catalogue.feeds.archives import Archive
from catalogue.feeds.photo_files import read_photo_file
from catalogue.feeds.rows import CellError
from catalogue.photos.validators import photo_limits
from tests.catalogue.feeds.zips import FLAGS, SIZE, alter_directory, zip_of, zip_of_raw_names

ROOT = PurePosixPath()


def names_of(archive: Archive) -> list[str]:
    return [str(path) for path in archive.files]


def refusal(path: Path, **options: str) -> tuple[str, object]:
    with pytest.raises(FeedError) as caught:
        Archive(path, **options)
    return caught.value.message.code, caught.value.message.params.get("member")


def test_files_are_read_where_they_lie(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "spring.zip", {"dress/a.jpg": b"one", "b.jpg": b"two"})

    archive = Archive(path)

    assert names_of(archive) == ["b.jpg", "dress/a.jpg"]
    assert [read_photo_file(file, limits=photo_limits()).content for file in archive.files.values()] == [b"two", b"one"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["spring.zip"]


def test_what_operating_systems_leave_is_passed_over_and_named(tmp_path: Path) -> None:
    names = [".DS_Store", "__MACOSX/._a.jpg", "dress/Thumbs.db", "dress/desktop.ini", "a.jpg"]

    archive = Archive(zip_of(tmp_path / "x.zip", dict.fromkeys(names, b"-")))

    assert names_of(archive) == ["a.jpg"]
    assert archive.left_out == names[:-1]


@pytest.mark.parametrize("name", ["photos.zip", "Photos (1).zip", "photos - Copy.zip"])
def test_the_folder_that_a_zip_was_made_of_is_no_category(tmp_path: Path, name: str) -> None:
    path = zip_of(tmp_path / "0a1b.zip", {"photos/": b"", "photos/a.jpg": b"-", "photos/dress/b.jpg": b"-"})

    assert names_of(Archive(path, name=name)) == ["a.jpg", "dress/b.jpg"]
    assert names_of(Archive(path, name="spring.zip")) == ["photos/a.jpg", "photos/dress/b.jpg"]


@pytest.mark.parametrize(
    ("raw", "encoding", "name"),
    [
        pytest.param("été.jpg".encode(), None, "été.jpg", id="macOS: UTF-8 without the flag"),
        pytest.param(normalize("NFD", "été.jpg").encode(), None, "été.jpg", id="macOS: NFD"),
        pytest.param("été.jpg".encode("cp437"), None, "été.jpg", id="DOS"),
        pytest.param("été.jpg".encode("cp1252"), "cp1252", "été.jpg", id="Windows, told"),
        pytest.param("платье.jpg".encode("cp866"), "cp866", "платье.jpg", id="Russian, told"),
        pytest.param(b"dress\\a.jpg", None, "dress/a.jpg", id="backslashes"),
    ],
)
def test_names_are_read_as_they_were_written(tmp_path: Path, raw: bytes, encoding: str | None, name: str) -> None:
    path = zip_of_raw_names(tmp_path / "x.zip", {raw: b"-"})

    assert names_of(Archive(path, encoding=encoding)) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd", "../a.jpg", "dress/../../a.jpg", "C:\\a.jpg", "c:a.jpg", "\\\\server\\a.jpg", "..\\a.jpg",
        "./a.jpg", "a//b.jpg", "CON.jpg", "dress/nul", "dress/com1.png", "LPT9 .jpg", "a\nb.jpg", "a\x7f.jpg",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    path = zip_of(tmp_path / "x.zip", {"good.jpg": b"-", name: b"-"})

    assert refusal(path)[0] == "feed.archive_unsafe"


def test_a_name_with_a_null_character_is_refused(tmp_path: Path) -> None:
    path = zip_of_raw_names(tmp_path / "x.zip", {b"a.jpg\0.exe": b"-"})

    assert refusal(path) == ("feed.archive_unsafe", "a.jpg\\x00.exe")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "x.zip"
    info = zipfile.ZipInfo("a.jpg")
    info.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")

    assert refusal(path) == ("feed.archive_unsafe", "a.jpg")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "other", ["a\N{LATIN SMALL LETTER E WITH ACUTE}.jpg", "A\N{LATIN CAPITAL LETTER E WITH ACUTE}.JPG", "ae\u0301.jpg"]
)
def test_two_files_of_one_name_are_refused(tmp_path: Path, other: str) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a\N{LATIN SMALL LETTER E WITH ACUTE}.jpg", "1")
        archive.writestr(other, "2")

    assert refusal(path)[0] == "feed.archive_same_names"


@pytest.mark.parametrize("name", ["b.zip", "dress/b.RAR", "b.7z", "b.tar.gz", "b.tgz"])
def test_an_archive_in_it_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(zip_of(tmp_path / "x.zip", {"a.jpg": b"-", name: b"-"})) == ("feed.archive_nested", name)


def test_a_password_is_told(tmp_path: Path) -> None:
    path = alter_directory(zip_of(tmp_path / "x.zip", {"a.jpg": b"-"}), FLAGS, b"\x01\0")

    assert refusal(path) == ("feed.archive_encrypted", "a.jpg")


def test_a_method_that_may_take_gigabytes_of_memory_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"a.jpg": b"-"}, method=zipfile.ZIP_LZMA)

    assert refusal(path) == ("feed.archive_method", "a.jpg")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    assert refusal(zip_of(tmp_path / "x.zip", {"a.csv": b"\0" * 5_000_000})) == ("feed.archive_ratio", "a.csv")


def test_a_table_of_equal_rows_is_no_bomb(tmp_path: Path) -> None:
    rows = "sku,name,category,price\n" + "".join(
        f"A-{n},Linen summer dress,Women > Dresses,39.90\n" for n in range(40_000)
    )

    assert names_of(Archive(zip_of(tmp_path / "x.zip", {"a.csv": rows}))) == ["a.csv"]


def test_too_many_files_are_refused_and_too_large_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zip_of(tmp_path / "x.zip", {"a.jpg": b"12345", "b.jpg": b"12345"})

    for limit, at_most, code in [
        ("MEMBERS_AT_MOST", 1, "feed.archive_members"),
        ("_DIRECTORY_AT_MOST", 60, "feed.archive_members"),
        ("UNPACKED_AT_MOST", 9, "feed.archive_too_large"),
        ("MEMBER_AT_MOST", 4, "feed.archive_member_too_large"),
        ("PATH_AT_MOST", 4, "feed.archive_long_name"),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(archives, limit, at_most)
            assert refusal(path)[0] == code
    assert names_of(Archive(path)) == ["a.jpg", "b.jpg"]


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {f"{n}.jpg": b"-" * 1000 for n in range(9)}, method=zipfile.ZIP_STORED)
    content = path.read_bytes()
    directory = content.index(b"PK\x01\x02")
    # The members are gone, and the directory still names them.
    path.write_bytes(content[:1000] + content[directory:])

    assert refusal(path)[0] == "feed.bad_archive"


@pytest.mark.parametrize("kept", [5, 100, -1, -40])
def test_a_truncated_zip_is_told_so(tmp_path: Path, kept: int) -> None:
    path = zip_of(tmp_path / "x.zip", {"a.jpg": b"-" * 500})
    path.write_bytes(path.read_bytes()[:kept])

    assert recognise(path) == "zip"
    assert refusal(path, name="spring.zip")[0] == "feed.bad_archive"


def test_a_damaged_member_is_an_error_of_its_own(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"a.jpg": b"-" * 500, "b.jpg": b"b"}, method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"--", b"+-", 1))
    damaged, whole = Archive(path).files.values()

    with pytest.raises(CellError, match="damaged in the ZIP"):
        read_photo_file(damaged, limits=photo_limits())
    assert read_photo_file(whole, limits=photo_limits()).content == b"b"


def test_a_member_is_read_no_further_than_the_directory_says(tmp_path: Path) -> None:
    path = alter_directory(zip_of(tmp_path / "x.zip", {"a.jpg": b"-" * 500_000}), SIZE, (10).to_bytes(4, "little"))
    [lying] = Archive(path).files.values()

    with pytest.raises(CellError, match="damaged in the ZIP"):
        read_photo_file(lying, limits=photo_limits())


def test_an_encoding_that_is_none_is_told(tmp_path: Path) -> None:
    assert (
        refusal(zip_of_raw_names(tmp_path / "x.zip", {b"\xe9.jpg": b"-"}), encoding="utf8x")[0]
        == "feed.unknown_encoding"
    )


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.jpg", "shop/a.jpg"), ("photos/b.jpg", "shop/photos/b.jpg"), ("photos\\B.JPG", "shop/photos/b.jpg"),
        ("shop/a.jpg", "shop/a.jpg"), ("b.jpg", "shop/photos/b.jpg"),
    ],
)  # fmt: skip
def test_a_table_names_photos_from_its_folder_from_the_root_or_by_name(tmp_path: Path, name: str, found: str) -> None:
    files = ["shop/a.jpg", "shop/photos/b.jpg", "one/twice.jpg", "two/twice.jpg"]
    archive = Archive(zip_of(tmp_path / "x.zip", dict.fromkeys(files, b"-")))

    assert str(archive.find(name, below=PurePosixPath("shop")).path) == found


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("twice.jpg", "photo.several"),
        ("none.jpg", "photo.missing"),
        ("../a.jpg", "photo.missing"),
        ("", "photo.no_name"),
    ],
)
def test_a_photo_that_is_not_there_or_not_the_only_one_is_told(tmp_path: Path, name: str, code: str) -> None:
    archive = Archive(zip_of(tmp_path / "x.zip", dict.fromkeys(["a.jpg", "one/twice.jpg", "two/twice.jpg"], b"-")))

    with pytest.raises(CellError) as caught:
        archive.find(name, below=ROOT)
    assert caught.value.message.code == code
