"""The sentences that rows stored before there were codes become codes; those that are not known stay as they are."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from catalogue.messages import Message, english
from catalogue.migrations._prose import FETCHES, FILES, IMAGES, ROWS, Known, line_of, message_of
from tests.messages.every import EVERY

EMBEDDINGS = import_module("visualsearch.migrations.0009_messages")
CELLS = (*IMAGES, *FETCHES, *ROWS)
SOURCES = (*IMAGES, *FETCHES)


@pytest.mark.parametrize(
    ("prose", "known", "told"),
    [
        ("price: 'dear' is not a price. Write it as 1299.00, without a currency", CELLS,
         "price: “dear” is not a price. Write it as 1299.00 or as 1299.00 EUR."),
        ("sku: item 3, line 40 has the same. Give each article a number of its own", CELLS,
         "sku: Another row has the same SKU: line 40, item 3. Give each product its own SKU."),
        ("the photo 'a.jpg' is not used: The file is empty. Send it again.", CELLS,
         "The photo “a.jpg” can’t be used: The file is empty. Send it again."),
        ("name: it has 1,234 characters; 200 are possible. Shorten it", CELLS,
         "name: It is 1,234 characters long; the limit is 200. Shorten it."),
        ("image_link: 'ftp://x/a.jpg': It is not a plain http or https address. Write it as https://host/image.jpg.",
         CELLS, "image_link: The address “ftp://x/a.jpg” can’t be used: It is not a plain http or https address. "
         "Write it as https://host/image.jpg."),
        ("5 cells under 4 columns. Quote cells that hold a separator", CELLS,
         "The row has 5 cells for 4 columns. Put cells that contain a separator in quotation marks."),
        ("The server responded with status 404. Open the address in a browser to see why.", SOURCES,
         "The server responded with status 404. Open the address in a browser to see why."),
        ("The picture has 40 × 30 pixels, more than 0.001 megapixels. Send it smaller; 2,000 pixels on …", SOURCES,
         "The image is 40 × 30 pixels (0.0012 megapixels); the limit is 0.001 megapixels. Send a smaller one: 2,000 "
         "pixels on the long side is plenty."),
        ("a.csv has no column 'sku'. Its columns are ref, name. Map the field sku to one of them.", FILES,
         "a.csv has no column “sku”. Its columns are: ref, name. Map the field sku to one of them."),
        ("The import of spring.csv broke off 5 times at row 7.", FILES,
         "The import of spring.csv was interrupted 5 times at row 7. Correct or remove this row, then import the file "
         "again."),
        ("The photo's file is gone. Upload it again.", EMBEDDINGS.PHOTOS,
         "The photo’s file is missing. Upload it again."),
        ("The batch was cancelled.", EMBEDDINGS.BATCHES,
         "The batch was cancelled. Send the photo again in another batch."),
        ("Something that nobody knows, 100%.", CELLS, "Something that nobody knows, 100%."),
    ],
)  # fmt: skip
def test_a_sentence_is_told_as_its_code_is(prose: str, known: Known, told: str) -> None:
    assert english(Message.from_json(message_of(prose, known))) == told


@pytest.mark.parametrize(
    "known", [IMAGES, FETCHES, ROWS, FILES, EMBEDDINGS.PHOTOS, EMBEDDINGS.BATCHES],
    ids=["images", "fetches", "rows", "files", "photos", "batches"],
)  # fmt: skip
def test_sentences_become_codes_that_there_are(known: Known) -> None:
    assert {code for _pattern, code in known} - set(EVERY) == set()


@pytest.mark.parametrize(
    ("place", "line"), [("line 12", "12"), ("item 3, line 40", "40 #3"), ("shoes/line 1.jpg", "shoes/line 1.jpg")]
)
def test_a_place_is_a_line(place: str, line: str) -> None:
    assert line_of(place) == line


@pytest.mark.django_db(transaction=True)
def test_rows_of_before_are_converted() -> None:
    executor = MigrationExecutor(connection)
    before = [("catalogue", "0006_standard_names"), ("visualsearch", "0007_standard_names")]
    executor.migrate(before)
    try:
        old = executor.loader.project_state(before).apps
        article = old.get_model("catalogue", "Article").objects.create(sku="A-1", name="A", slug="a")
        source: Any = old.get_model("catalogue", "PhotoSource").objects
        source.create(article=article, url="u1", host="h", position=0, reason="The server was too slow. Open it.")
        source.create(article=article, url="u2", host="h", position=1, reason="")
        run = old.get_model("catalogue", "ImportRun").objects.create(name="a.csv", size=1, kind="csv")
        refusal = old.get_model("catalogue", "ImportRefusal").objects
        refusal.create(run=run, place="item 3, line 1", sku="A-1", reason="stock: 'x' is neither yes nor no. Write yes")
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())

    sources = dict(apps.get_model("catalogue", "PhotoSource").objects.values_list("url", "error"))
    row = apps.get_model("catalogue", "ImportRefusal").objects.get()
    assert sources == {"u1": {"code": "fetch.too_slow", "params": {}}, "u2": None}
    assert row.line == "1 #3"
    assert row.error == {
        "code": "cell.in_column",
        "params": {"column": "stock", "reason": {"code": "cell.not_a_flag", "params": {"value": "x"}}},
    }
    assert apps.get_model("catalogue", "ImportRun").objects.get().error is None
