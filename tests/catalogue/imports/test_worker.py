"""What workers make of an import, however they are interrupted."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalogue import imports
from catalogue.feeds import importing
from catalogue.imports import worker
from catalogue.models import Article, Brand, ImportRefusal, ImportRun
from tests.catalogue.imports.handed_in import FEED, archive, checked, handed_in, kept_files, table, workbook
from tests.factories import ArticleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = ImportRun.State


@pytest.fixture
def two_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write two rows at once, and leave the worker to others as soon as is asked for."""
    monkeypatch.setattr(worker.KIND, "TIMES_ITS_START", 0)
    import_articles = importing.import_articles
    monkeypatch.setattr(
        worker, "import_articles", lambda *args, **kwargs: import_articles(*args, batch_size=2, **kwargs)
    )


def read_to_the_end(run: ImportRun) -> ImportRun:
    while imports.run_slice(run.pk, for_s=0):
        pass
    run.refresh_from_db()
    return run


def numbers(run: ImportRun) -> tuple[int | None, int, int, int, int]:
    return run.total, run.created, run.changed, run.unchanged, run.refused


def test_checking_a_file_says_what_would_happen_and_changes_nothing() -> None:
    ArticleFactory.create(sku="S-00000", name="Article 0", price="1.00")
    ArticleFactory.create(sku="S-00001", name="Article 1", price="9.90")

    run = checked(table(4, bad=2))

    assert (run.state, numbers(run)) == (State.CHECKED, (6, 2, 1, 1, 2))
    assert Article.objects.count() == 2
    assert [refusal.sku for refusal in run.refusals.all()] == ["B-00000", "B-00001"]
    assert run.refusals.all()[0].error["params"]["column"] == "price"


def test_checking_a_file_tells_what_is_new_what_would_change_and_what_is_not_used() -> None:
    ArticleFactory.create(sku="A-1", name="Old", price="1.00")

    run = checked("sku,name,price,brand,category,Cost\nA-1,New,2.50,Anna,Women > Hats,1\n")

    assert run.new_terms == [["category", "Women"], ["category", "Women > Hats"], ["brand", "Anna"]]
    assert run.notes == [{"code": "feed.unused_columns", "params": {"columns": ["Cost"]}}]
    (preview,) = run.previews
    assert (preview["line"], preview["sku"], preview["new"]) == ("2", "A-1", False)
    assert ["price", "1.00", "2.50"] in [list(change) for change in preview["changes"]]
    assert not Brand.objects.filter(name="Anna").exists()


def test_importing_a_file_keeps_what_its_check_told() -> None:
    run = checked("sku,brand,Cost\nA-1,Anna,1\n")
    before = run.new_terms, run.previews, run.notes

    imports.start(run)
    read_to_the_end(run)

    assert (run.new_terms, run.previews, run.notes) == before
    assert Brand.objects.filter(name="Anna").exists()


@pytest.mark.parametrize("bad", [2, 3, 4])
def test_so_many_refused_rows_are_kept_and_all_are_counted(monkeypatch: pytest.MonkeyPatch, bad: int) -> None:
    monkeypatch.setattr(worker, "ERRORS_AT_MOST", 3)

    run = checked(table(1, bad=bad))

    assert run.refused == bad
    assert run.refusals.count() == min(bad, 3)


@pytest.mark.usefixtures("two_a_batch")
@pytest.mark.parametrize("bad", [3, 5])
def test_the_first_refused_rows_are_kept_also_over_several_batches(monkeypatch: pytest.MonkeyPatch, bad: int) -> None:
    monkeypatch.setattr(worker, "ERRORS_AT_MOST", 3)

    run = read_to_the_end(handed_in(table(2, bad=bad)))

    assert run.refused == bad
    assert [refusal.sku for refusal in run.refusals.order_by("pk")] == ["B-00000", "B-00001", "B-00002"]


@pytest.mark.parametrize("brands", [2, 3, 4])
def test_so_many_new_terms_are_kept(monkeypatch: pytest.MonkeyPatch, brands: int) -> None:
    monkeypatch.setattr(worker, "NEW_TERMS_AT_MOST", 3)

    run = checked("sku,brand\n" + "".join(f"{number},Brand {number}\n" for number in range(brands)))

    assert run.new_terms == [["brand", f"Brand {number}"] for number in range(min(brands, 3))]


def test_a_workbook_is_checked_and_imported_whatever_its_name_ends_in() -> None:
    run = checked(workbook(["sku", "name", "price"], ["A-1", "Coat", 39.9]), "book.xls")
    imports.start(run)
    read_to_the_end(run)

    article = Article.objects.get()
    assert (article.sku, article.name, str(article.price)) == ("A-1", "Coat", "39.90")


def test_nothing_happens_to_a_checked_file_before_staff_say_so(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    run = checked(table(3, bad=1))
    assert imports.run_slice(run.pk, for_s=60) is False
    assert not Article.objects.exists()

    assert imports.start(run)
    with django_capture_on_commit_callbacks(execute=True):
        read_to_the_end(run)

    assert (run.state, numbers(run)) == (State.FINISHED, (4, 3, 0, 0, 1))
    assert Article.objects.count() == 3
    assert run.refusals.count() == 1
    assert run.ended is not None
    assert kept_files() == []


def test_new_articles_stay_hidden_if_staff_want_it_so() -> None:
    run = handed_in(table(1), published=False)
    read_to_the_end(run)
    imports.start(run)

    read_to_the_end(run)

    assert not Article.objects.get().published


@pytest.mark.usefixtures("two_a_batch")
def test_the_worker_is_left_to_others_between_slices_and_no_row_is_done_twice() -> None:
    run = checked(table(5))
    imports.start(run)

    assert imports.run_slice(run.pk, for_s=0) is True
    run.refresh_from_db()
    assert (run.done, run.lease_token) == (2, "")
    read_to_the_end(run)

    assert (run.state, numbers(run)) == (State.FINISHED, (5, 5, 0, 0, 0))


@pytest.mark.usefixtures("two_a_batch")
def test_a_paused_import_stands_still_until_it_is_continued() -> None:
    run = checked(table(4))
    imports.start(run)
    imports.run_slice(run.pk, for_s=0)

    assert imports.pause(run)
    assert imports.run_slice(run.pk, for_s=60) is False
    assert (Article.objects.count(), imports.KIND.due_messages()) == (2, [])
    assert imports.resume(run)

    assert read_to_the_end(run).created == 4


def test_a_cancelled_import_keeps_what_it_brought_in_and_not_its_file(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    run = checked(table(1))

    with django_capture_on_commit_callbacks(execute=True):
        assert imports.cancel(run)

    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert kept_files() == []
    assert not (imports.start(run) or imports.pause(run) or imports.resume(run) or imports.cancel(run))


def test_an_import_at_which_workers_die_again_and_again_is_given_up() -> None:
    run = checked(table(4))
    imports.start(run)
    ImportRun.objects.update(attempts=ImportRun.ATTEMPTS)

    assert imports.run_slice(run.pk, for_s=60) is False

    run.refresh_from_db()
    assert (run.state, run.error) == (
        State.FAILED,
        {"code": "import.interrupted", "params": {"file": "spring.csv", "times": 5, "row": 1}},
    )


def test_a_feed_that_is_damaged_further_on_fails_with_the_reason_and_by_its_name() -> None:
    item = FEED[FEED.index("<item>") : FEED.index("</channel>")]

    run = checked(FEED.replace("</channel>", f"{item * 1_000}<item><g:id>G-2</channel>"), "feed.xml")

    assert run.state == State.FAILED
    assert run.error and run.error["code"] == "feed.not_xml"
    assert (run.error["params"]["file"], run.error["params"]["line"]) == ("feed.xml", 1004)
    assert run.file.name == ""


def test_a_file_that_is_gone_is_said_to_be() -> None:
    run = handed_in(table(1))
    default_storage.delete(run.file.name or "")

    imports.run_slice(run.pk, for_s=60)

    run.refresh_from_db()
    assert (run.state, run.error) == (
        State.FAILED,
        {"code": "feed.not_read", "params": {"file": "spring.csv", "error": "No such file or directory"}},
    )


def test_photos_that_a_file_names_are_left_out_and_their_articles_are_not() -> None:
    run = checked("sku,photo\nA-1,front.jpg\n")

    assert numbers(run) == (1, 1, 0, 0, 0)


def test_deleting_an_import_removes_its_file_and_its_refused_rows(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    run = checked(table(1, bad=1))

    with django_capture_on_commit_callbacks(execute=True):
        run.delete()

    assert kept_files() == []
    assert not ImportRefusal.objects.exists()


@pytest.mark.parametrize(("published", "told"), [(True, True), (False, False)])
def test_photos_alone_are_said_to_be_published_without_a_price(published: bool, told: bool) -> None:
    run = read_to_the_end(handed_in(archive("IMG_0001.jpg"), "photos.zip", published=published))

    assert ("feed.photos_alone" in {note["code"] for note in run.notes}) is told
