"""`manage.py import_catalogue`, as a person runs it."""

from __future__ import annotations

import csv
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalogue.feeds.table_reader import NAMED_AT_MOST
from catalogue.imports.kept_columns import keep
from catalogue.models import Article, Photo
from tests.factories import drawn_picture

pytestmark = pytest.mark.database

ROOT = Path(settings.BASE_DIR)


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_catalogue", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, colour in (("dress/a.png", "red"), ("T-Shirt/b.png", "blue"), ("c.png", "green")):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawn_picture(colour))
    return tmp_path / "photos"


@pytest.mark.django_db
def test_a_folder_is_brought_in_and_once_only(folder: Path) -> None:
    told = run(folder).splitlines()
    assert told[0] == "3 articles created, 0 changed, 0 unchanged."
    new = sorted(line for line in told if line.startswith("New "))
    assert new == ["New category: T-Shirt.", "New category: dress."]
    assert run(folder) == "0 articles created, 0 changed, 3 unchanged.\n"

    found = Article.objects.order_by("sku").values_list("sku", "name", "category__slug", "price", "published")
    assert list(found) == [
        ("a", "a", "dress", None, True),
        ("b", "b", "t-shirt", None, True),
        ("c", "c", None, None, True),
    ]
    assert Photo.objects.count() == 3


@pytest.mark.django_db
def test_a_foreign_csv_is_brought_in(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "photos.csv"
    path.write_text("photo,contributor,label\ndress/a.png,12,Not sure\nc.png,3,T-Shirt\n")

    told = run(path, "--photos", folder, "--map", "sku=photo, photo=photo,category=label", "--unpublished")

    assert told.splitlines() == [
        "2 articles created, 0 changed, 0 unchanged.",
        "Columns that are not used: contributor.",
        "New category: Not sure.",
        "New category: T-Shirt.",
    ]
    found = Article.objects.order_by("sku").values_list("sku", "category__name", "published")
    assert list(found) == [("c.png", "T-Shirt", False), ("dress/a.png", "Not sure", False)]


@pytest.mark.django_db
def test_refused_rows_are_listed_in_a_file_and_the_others_kept(folder: Path, tmp_path: Path) -> None:
    path, report = tmp_path / "feed.csv", tmp_path / "reports" / "refused.csv"
    bad = "".join(f"x{i},-1,\n" for i in range(12))
    path.write_text(f"sku,price,photo\n1,5,c.png\n{bad}2,6,../secret\n")
    out = io.StringIO()

    with pytest.raises(CommandError) as failure:
        call_command("import_catalogue", str(path), "--photos", str(folder), "--report", str(report), stdout=out)

    assert failure.value.returncode == 1
    assert str(failure.value) == f"13 of 14 rows have errors. All of them are listed in {report}"
    lines = out.getvalue().splitlines()
    assert lines[:2] == [
        "1 articles created, 0 changed, 0 unchanged.",
        "line 3 (SKU x0): price: “-1” is below zero. Write 0 or more.",
    ]
    assert lines[-1] == "… and 3 more."
    with report.open(newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 14
    assert rows[0] == ["line", "sku", "reason"]
    assert rows[-1] == [
        "15", "2", "photo: The photo “../secret” is outside the photo folder. Copy it there.",
    ]  # fmt: skip
    assert Article.objects.get().sku == "1"


@pytest.mark.django_db
def test_a_name_cannot_steer_the_terminal(folder: Path) -> None:
    (folder / "x\x1b[2J.png").write_bytes(b"-")
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("import_catalogue", str(folder), stdout=out)

    assert "\nx\\x1b[2J.png: It contains control characters" in out.getvalue()
    assert "\x1b" not in out.getvalue()


@pytest.mark.django_db
def test_the_file_of_refused_rows_holds_no_formula(folder: Path, tmp_path: Path) -> None:
    path, report = tmp_path / "feed.csv", tmp_path / "refused.csv"
    path.write_text('sku,price\n"=HYPERLINK(""http://x"")",-\n@a,-\n+1,-\n-1,-\n1-=,-\n')

    with pytest.raises(CommandError):
        run(str(path), "--report", str(report))

    with report.open(newline="") as file:
        skus = [row["sku"] for row in csv.DictReader(file)]
    assert skus == ['\'=HYPERLINK("http://x")', "'@a", "'+1", "'-1", "1-="]


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["sku,\x1b[2J", "\x1b[2J,name"])
def test_the_name_of_a_column_cannot_steer_the_terminal(tmp_path: Path, header: str) -> None:
    path, out, said = tmp_path / "feed.csv", io.StringIO(), ""
    path.write_text(f"{header}\n1,2\n")

    try:
        call_command("import_catalogue", str(path), stdout=out)
    except CommandError as error:
        said = str(error)

    assert "\x1b" not in out.getvalue() + said
    assert "[2J" in out.getvalue() + said
    assert "\x1b" not in out.getvalue() + said


@pytest.mark.django_db
def test_only_a_few_of_many_unused_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("sku" + ",c" * 50_000 + "\n1\n")

    told = run(str(path))

    assert told.splitlines()[1] == f"Columns that are not used: {'c, ' * NAMED_AT_MOST}…."


@pytest.mark.django_db
@pytest.mark.parametrize("columns", [NAMED_AT_MOST, NAMED_AT_MOST + 1])
def test_twenty_unused_columns_are_named_and_the_others_are_not(tmp_path: Path, columns: int) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("sku" + ",c" * columns + "\n1\n")

    assert ("…" in run(str(path))) == (columns > 20)


@pytest.mark.django_db
@pytest.mark.parametrize("brands", [10, 11])
def test_ten_of_what_is_new_are_named_and_the_others_counted(tmp_path: Path, brands: int) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("sku,brand\n" + "".join(f"{number},Brand {number}\n" for number in range(brands)))

    told = run(str(path)).splitlines()

    assert told[1:11] == [f"New brand: Brand {number}." for number in range(10)]
    assert told[11:] == ["… and 1 more categories, brands and colours."] * (brands > 10)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{folder}/none"], "can’t be read (No such file or directory)"),
        (["{folder}/c.png"], "is not encoded as UTF-8"),
        (["{folder}", "--map", "sku=photo"], "this is a folder"),
        (["{folder}/c.png", "--map", "sku"], "“sku” is not FIELD=COLUMN"),
    ],
)
def test_what_cannot_be_brought_in_is_told_and_nothing_changes(
    folder: Path, arguments: list[str], message: str
) -> None:
    with pytest.raises(CommandError) as failure:
        run(*(argument.format(folder=folder) for argument in arguments))

    assert message in str(failure.value)
    assert not Article.objects.exists()


@pytest.mark.django_db
def test_help_says_how_a_csv_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("import_catalogue", "--help")

    assert "several: front.jpg|back.jpg" in capsys.readouterr().out


def test_an_import_that_is_killed_is_finished_by_running_it_again(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(300):
        (photos / f"{number}.png").write_bytes(drawn_picture(f"#{number:06x}", size=(24, 24)))
    data = tmp_path / "data"
    data.mkdir()
    # Without search nobody listens: what is proved here is the import.
    environment = {
        **os.environ,
        "SHOP_DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data}/shop.sqlite3",
        "SHOP_VISUAL_SEARCH": "0",
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*manage, "migrate", "--verbosity=0"], env=environment, check=True)

    def count(table: str) -> int:
        connection = sqlite3.connect(data / "shop.sqlite3")
        try:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        finally:
            connection.close()

    command = [*manage, "import_catalogue", str(photos)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as killed:
        while count("catalogue_article") == 0 and killed.poll() is None:
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
    left = count("catalogue_article")
    again = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)

    assert 0 < left < 300
    assert f"{300 - left} articles created, 0 changed, {left} unchanged." in again.stdout
    assert (count("catalogue_article"), count("catalogue_photo")) == (300, 300)


@pytest.mark.django_db
@pytest.mark.parametrize(("refused", "last"), [(10, "B-9"), (11, "… and 1 more.")])
def test_ten_refused_rows_are_named_and_the_others_counted(tmp_path: Path, *, refused: int, last: str) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("sku,price\n" + "".join(f"B-{number},dear\n" for number in range(refused)))

    out = io.StringIO()

    with pytest.raises(CommandError, match=f"{refused} of {refused} rows have errors"):
        call_command("import_catalogue", str(path), "--report", str(tmp_path / "refused.csv"), stdout=out)

    lines = out.getvalue().splitlines()
    assert last in lines[-1]
    assert sum("is not a price" in line for line in lines) == 10


def foreign(folder: Path) -> Path:
    path = folder / "theirs.csv"
    path.write_text("Réf.;Libellé;Prix TTC;Poids\nR-1;Robe;39,90;200\n", encoding="utf-8")
    return path


@pytest.mark.django_db
def test_columns_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "columns.txt").write_text("sku=Réf.\nname=Libellé\nprice=\n", encoding="utf-8")

    run(foreign(tmp_path), "--map", f"@{tmp_path / 'columns.txt'}")

    assert Article.objects.values_list("sku", "name", "price").get() == ("R-1", "Robe", None)


@pytest.mark.django_db
def test_columns_are_guessed_on_demand_only_and_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="has no column “sku”"):
        run(foreign(tmp_path))

    told = run(foreign(tmp_path), "--map", "guess")

    assert "Columns, guessed: sku=Réf.,name=Libellé,price=Prix TTC" in told
    assert "Columns that are not used: Poids." in told
    assert str(Article.objects.get().price) == "39.90"


@pytest.mark.django_db
def test_columns_are_those_that_staff_chose_for_these_headings(tmp_path: Path) -> None:
    keep(["Réf.", "Libellé", "Prix TTC", "Poids"], {"sku": ("Réf.",), "name": ("Poids",)})

    told = run(foreign(tmp_path))

    assert "Columns, as staff chose them for these headings: sku=Réf.,name=Poids" in told
    assert Article.objects.get().name == "200"


@pytest.mark.django_db
def test_a_file_of_columns_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.txt cannot be read"):
        run(foreign(tmp_path), "--map", f"@{tmp_path / 'none.txt'}")
