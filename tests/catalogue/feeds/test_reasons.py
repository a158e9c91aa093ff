"""Why something was refused, said in the reader's language as the readers really say it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.translation import override

from catalogue.feeds import FeedError, RowError, open_source, recognise
from catalogue.feeds.reasons import in_language, place_in_language

ROWS = """sku,name,price,currency,stock,published,slug,category,colour,colour_hex
,x
1,x,dear
2,x,1,Franc
3,x,1,EUR,-1
4,x,1,EUR,1,maybe
5,x,1,EUR,1,yes,é é
6,x,1,EUR,1,yes,,,red,rouge
7,"a\x01b"
8,{long}
9,x,1,EUR,1,yes,,{deep}
10,1,2,3,4,5,6,7,8,9,10,11
"""


def said(path: Path) -> list[RowError]:
    reader = open_source(path, kind=recognise(path))
    return [row for row in reader if isinstance(row, RowError)]


def test_what_is_wrong_with_rows_is_said_in_french(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(ROWS.format(long="x" * 300, deep=" > ".join(map(str, range(12)))))

    rows = said(path)
    with override("fr"):
        reasons = [in_language(row.reason) for row in rows]

    assert len(rows) == 11
    for row, reason in zip(rows, reasons, strict=True):
        assert reason != row.reason
    assert reasons[1] == "price: 'dear' n’est pas un prix. Écrivez-le comme 1299.00, sans devise"
    with override("fr"):
        assert [place_in_language(row.place) for row in rows[:2]] == ["ligne 2", "ligne 3"]
        assert in_language("sku: line 3 has the same. Give each article a number of its own").startswith(
            "sku: déjà à la ligne 3."
        )
    with override("en"):
        assert [in_language(row.reason) for row in rows] == [row.reason for row in rows]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name\nx\n", "file.csv n’a pas de colonne 'sku'. Ses colonnes sont name."),
        ("<!DOCTYPE x>", "il contient une déclaration de type de document"),
        ("<html>", "il commence par 'html', ligne 1"),
        ("<rss><a></rss>", "file.csv n’est plus du XML à partir de la ligne 1"),
        ("sku,sku\n1,2\n", "Deux colonnes de file.csv s’appellent 'sku'."),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_french(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)

    with pytest.raises(FeedError) as refused:
        said(path)

    with override("fr"):
        assert words in in_language(str(refused.value))


def test_what_is_not_known_stays_as_it_is() -> None:
    with override("fr"):
        assert in_language("photo: something else") == "photo: something else"
        assert place_in_language("shoes/a.jpg") == "shoes/a.jpg"
