"""`manage.py load_demo --real`: photographs of a public dataset become articles, once, whatever comes between."""

from __future__ import annotations

import errno
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from catalogue.demo.assortment import read_assortment
from catalogue.demo.loading import load
from catalogue.imaging import FetchPolicy
from catalogue.management.commands import load_demo
from catalogue.models import Article, Photo
from tests.catalogue.demo.dataset import Dataset
from tests.catalogue.imaging.web_servers import send
from tests.factories import ArticleFactory

pytestmark = pytest.mark.django_db

FIRST = "CD-00000000"


def run(*options: str) -> str:
    out = io.StringIO()
    call_command("load_demo", "--real", *options, stdout=out)
    return out.getvalue()


def refusal() -> str:
    with pytest.raises(CommandError) as refused:
        run()
    return str(refused.value)


def rows() -> list[Any]:
    return [*Article.objects.order_by("pk").values(), *Photo.objects.order_by("pk").values()]


def stored() -> list[Path]:
    return [path for path in Path(storages["photos"].path("")).rglob("*") if path.is_file()]


def test_each_photo_becomes_an_article_of_its_category_named_in_both_languages(dataset: Dataset) -> None:
    said = run()

    assert "10 photos added." in said
    first = Article.objects.get(sku=FIRST)
    assert (first.name, first.name_fr) == ("Alba dress, red", "Robe Alba, rouge")
    assert (first.price, first.currency, first.sizes[0]) == (Decimal(55), "EUR", "34")
    assert first.brand is None
    assert first.category and (first.category.slug, first.category.depth) == ("dress", 2)
    assert [colour.slug for colour in first.colours.all()] == ["red"]
    with first.photos.get().file.open() as file:
        assert file.read() == dataset.photos[dataset.names[0]]
    assert sorted(dataset.asked) == sorted(dataset.names)


def test_the_licence_and_whom_to_thank_are_said(dataset: Dataset) -> None:
    said = run()

    assert "https://github.com/alexeygrigorev/clothing-dataset" in said
    assert "CC0 1.0" in said
    assert "Alexey Grigorev" in said


def test_a_second_run_asks_for_nothing_and_changes_nothing(dataset: Dataset) -> None:
    run()
    before, asked = rows(), len(dataset.asked)

    said = run()

    assert "0 photos added." in said
    assert (rows(), len(dataset.asked)) == (before, asked)


def test_an_interrupted_run_goes_on_where_it_stopped(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(**kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(CommandError) as refused:
        # What follows the first commit.
        patch.setattr("catalogue.demo.loading.photos_imported.send_robust", interrupt)
        run()
    assert "Run the command again to go on." in str(refused.value)
    assert (len(dataset.asked), Article.objects.count()) == (8, 8)

    run()

    assert sorted(dataset.asked) == sorted(dataset.names)
    assert Article.objects.count() == len(stored()) == 10


def test_without_a_network_it_stops_soon_and_says_what_to_do(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    reached = dataset.photographs()
    reached.policy = FetchPolicy(ports=frozenset({dataset.server.port}), resolve=unknown)
    monkeypatch.setattr(load_demo, "Photographs", lambda digests: reached)

    said = refusal()

    assert "0 photos added, 10 to go." in said
    assert "This host name can’t be found." in said
    assert "reaches the Internet" in said
    assert "run the command again" in said
    assert (rows(), stored(), dataset.asked) == ([], [], [])


def test_a_busy_server_is_left_alone_and_the_rest_fetched_later(dataset: Dataset) -> None:
    dataset.instead = {name: lambda handler: send(handler, b"", 429, Retry_After="120") for name in dataset.names[8:]}

    said = refusal()

    assert "8 photos added, 2 to go." in said
    assert "status 429" in said
    assert len(dataset.asked) == 10
    dataset.instead = {}
    assert "2 photos added." in run()


def test_a_server_that_fails_once_is_asked_again(dataset: Dataset) -> None:
    def fail_once(handler: Any) -> None:
        dataset.instead.clear()
        send(handler, b"", 502)

    dataset.instead = {dataset.names[3]: fail_once}

    assert "10 photos added." in run()
    assert dataset.asked.count(dataset.names[3]) == 2


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (404, b"", "The server responded with status 404."),
        (200, b"<html>Log in to this network</html>", "This file type isn’t supported."),
        (200, b"\xff\xd8\xff\xe0 cut off", "it was damaged in transit, or replaced."),
    ],
)
def test_a_photo_that_cannot_be_had_is_named_with_the_cause_and_the_others_are_added(
    dataset: Dataset, status: int, body: bytes, cause: str
) -> None:
    dataset.instead = {dataset.names[2]: lambda handler: send(handler, body, status)}

    said = refusal()

    assert "9 photos added. 1 could not be fetched, and their articles were left out" in said
    assert f"/images/{dataset.names[2]}: " in said
    assert cause in said
    assert Article.objects.count() == len(stored()) == 9
    dataset.instead = {}
    assert "1 photos added." in run()
    assert Article.objects.without_photos().count() == 0


def test_a_full_disk_keeps_what_is_there_and_no_file_without_a_row(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def fail(*arguments: Any) -> None:
        if len(written) == 9:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append("")

    monkeypatch.setattr("django.core.files.storage.filesystem.locks.lock", fail)

    said = refusal()

    assert "8 photos added, 2 to go: the shop's disk is full." in said
    assert "Make room on it, and run the command again" in said
    assert Article.objects.count() == len(stored()) == 8


def test_the_two_demos_are_each_added_beside_the_other(dataset: Dataset) -> None:
    drawn = read_assortment().articles[:3]
    list(load(drawn))

    run()

    assert Article.objects.count() == 13
    assert list(load(drawn)) == []


def test_the_drawn_demo_goes_into_the_bin_if_asked_but_for_what_staff_renamed(dataset: Dataset) -> None:
    drawn = read_assortment().articles[:3]
    list(load(drawn))
    renamed = Article.objects.get(sku=drawn[1].sku)
    renamed.name = "Ours"
    renamed.save()
    own = ArticleFactory.create()
    unfinished = settings.DATA_DIR / "demo-unfinished"
    unfinished.touch()

    said = run("--instead")

    assert "2 articles of the other demo moved to the bin." in said
    assert {own, renamed} <= set(Article.objects.all())
    assert Article.objects.count() == 12
    assert Article.all_objects.binned().count() == 2
    # "make run" does not bring back what was interrupted.
    assert not unfinished.exists()


def test_nothing_goes_into_the_bin_if_photos_are_missing(dataset: Dataset) -> None:
    list(load(read_assortment().articles[:3]))
    dataset.instead = {dataset.names[2]: lambda handler: send(handler, b"", 404)}

    with pytest.raises(CommandError):
        run("--instead")

    assert Article.all_objects.binned().count() == 0


def test_the_drawn_demo_takes_the_place_of_the_photographs_if_asked(dataset: Dataset) -> None:
    run()

    call_command("load_demo", "--instead", verbosity=0)

    assert Article.objects.count() == len(read_assortment().articles)
    assert Article.all_objects.binned().count() == 10
