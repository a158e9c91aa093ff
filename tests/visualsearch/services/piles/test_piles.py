"""A pile of photos becomes articles: received, looked at, sorted, corrected, added, forgotten."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.utils import timezone

from catalogue.feeds import FeedError
from catalogue.models import Article, Colour
from tests.factories import ArticleFactory, CategoryFactory, ColourFactory
from tests.visualsearch.drawn_pile import drawn_pile
from visualsearch.models import Pile, PileGroup, PilePhoto, pile_photo_storage
from visualsearch.services import piles
from visualsearch.services.piles import worker
from visualsearch.services.piles.proposals import names_of, propose

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def handed_in(files: dict[str, bytes]) -> Pile:
    return piles.receive([SimpleUploadedFile(name, content) for name, content in files.items()])


def finished(files: dict[str, bytes]) -> Pile:
    pile = handed_in(files)
    while piles.run_slice(pile.pk, for_s=60):
        pass
    pile.refresh_from_db()
    return pile


def names_in(pile: Pile) -> list[list[str]]:
    return [[photo.name for photo in group.photos.all()] for group in pile.groups.all()]


def stored() -> list[Path]:
    return [path for path in Path(pile_photo_storage().path("")).rglob("*") if path.is_file()]


@pytest.fixture
def palette() -> None:
    for slug, name, french, hexadecimal in (
        ("red", "Red", "Rouge", "#c81e28"), ("blue", "Blue", "Bleu", "#283cbe"), ("green", "Green", "Vert", "#1e963c"),
        ("yellow", "Yellow", "Jaune", "#e6be28"), ("white", "White", "Blanc", "#f5f3ee"),
    ):  # fmt: skip
        ColourFactory.create(slug=slug, name=name, name_fr=french, hex=hexadecimal)


def test_photos_of_one_article_are_put_together_in_the_order_of_their_names() -> None:
    pile = finished(dict(reversed(drawn_pile().items())))

    assert pile.state == Pile.State.FINISHED
    assert names_in(pile) == [
        ["IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg"], ["IMG_0004.jpg", "IMG_0005.jpg", "IMG_0006.jpg"],
        ["IMG_0007.jpg", "IMG_0008.jpg"], ["IMG_0009.jpg", "IMG_0010.jpg"], ["S-9_back.jpg", "S-9_front.jpg"],
    ]  # fmt: skip


@pytest.mark.usefixtures("palette")
def test_colours_names_and_skus_are_proposed() -> None:
    pile = finished(drawn_pile())

    groups = list(pile.groups.all())
    assert [str(group.colours.first()) for group in groups[:4]] == ["Red", "Blue", "Green", "Yellow"]
    assert [group.sku for group in groups] == [f"P{pile.pk}-{n:03d}" for n in range(1, 5)] + ["S-9"]


def test_a_category_is_proposed_as_the_model_sees_it() -> None:
    dress = CategoryFactory.create(slug="dress")
    photo = PilePhoto(name="a.jpg", predictions=[["dress", 0.9], ["skirt", 0.1]])
    unsure = PilePhoto(name="a.jpg", predictions=[["dress", 0.4], ["skirt", 0.3]])
    group = PileGroup(number=1, pile_id=1)

    propose(group, [photo], [], set())
    assert (group.category, group.name, group.name_fr) == (dress, "Dress", "Robe")
    propose(group, [unsure], [], set())
    assert (group.category, group.name) == (None, "")


@pytest.mark.parametrize(
    ("label", "colours", "english", "french"),
    [
        ("longsleeve", ["Red"], "Red long-sleeved top", "Haut rouge à manches longues"),
        ("dress", ["Green"], "Green dress", "Robe verte"),
        ("shoes", ["White", "Blue"], "White and blue shoes", "Chaussures blanches et bleues"),
        ("pants", [], "Trousers", "Pantalon"),
    ],
)
def test_names_agree_in_both_languages(label: str, colours: list[str], english: str, french: str) -> None:
    words = {"Red": "Rouge", "Green": "Vert", "White": "Blanc", "Blue": "Bleu"}

    assert names_of(label, None, [Colour(name=name, name_fr=words[name]) for name in colours]) == (english, french)


def test_a_sku_that_an_article_has_is_not_proposed() -> None:
    ArticleFactory.create(sku="s-9")

    pile = finished({"S-9.jpg": drawn_pile()["IMG_0001.jpg"]})

    assert [group.sku for group in pile.groups.all()] == [f"P{pile.pk}-001"]


def test_photos_of_a_zip_come_too_and_what_is_left_out_is_named(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("spring/a.jpg", drawn_pile()["IMG_0001.jpg"])
        archive.writestr("__MACOSX/._a.jpg", b"-")
    upload: Any = TemporaryUploadedFile("spring.zip", "application/zip", len(content.getvalue()), None)
    upload.write(content.getvalue())
    upload.flush()

    pile = piles.receive([upload])

    assert [photo.name for photo in pile.photos.all()] == ["a.jpg"]
    assert pile.notes[0]["params"]["names"] == ["__MACOSX/._a.jpg"]
    upload.close()


def test_what_is_no_photo_is_told_and_in_no_article() -> None:
    pile = finished({"a.jpg": b"no picture", "b.jpg": drawn_pile()["IMG_0001.jpg"]})

    assert names_in(pile) == [["b.jpg"]]
    assert pile.photos.get(name="a.jpg").failed


def test_nothing_is_kept_of_a_pile_that_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MOST_PHOTOS", 2)
    before = len(stored())

    with pytest.raises(FeedError, match="more than 2 photos"):
        handed_in({f"{n}.jpg": b"-" for n in range(3)})
    with pytest.raises(FeedError, match="No photos were found"):
        piles.receive([])
    assert not Pile.objects.exists()
    assert len(stored()) == before


def test_another_worker_goes_on_where_one_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BATCH_SIZE", 5)
    pile = handed_in(drawn_pile())

    assert piles.run_slice(pile.pk, for_s=0)
    pile.refresh_from_db()
    assert pile.cursor == 5
    looked_at = PilePhoto.objects.exclude(thumbnail=b"").count()
    while piles.run_slice(pile.pk, for_s=0):
        pass

    assert (looked_at, pile.groups.count()) == (5, 5)


def test_photos_are_moved_split_and_joined_by_number() -> None:
    pile = finished(drawn_pile())
    photos = {photo.name: photo.pk for photo in pile.photos.all()}

    piles.move(pile, piles.Moves({
        photos["IMG_0003.jpg"]: 2,
        photos["IMG_0007.jpg"]: 0, photos["IMG_0008.jpg"]: 0,
        photos["IMG_0009.jpg"]: 5, photos["IMG_0010.jpg"]: 5,
    }, frozenset([photos["S-9_front.jpg"]])))  # fmt: skip

    assert names_in(pile) == [
        ["IMG_0001.jpg", "IMG_0002.jpg"],
        ["IMG_0004.jpg", "IMG_0005.jpg", "IMG_0006.jpg", "IMG_0003.jpg"],
        ["S-9_front.jpg", "S-9_back.jpg", "IMG_0009.jpg", "IMG_0010.jpg"],
        ["IMG_0007.jpg"], ["IMG_0008.jpg"],
    ]  # fmt: skip
    assert [group.sku for group in pile.groups.all()][-2:] == [f"P{pile.pk}-006", f"P{pile.pk}-007"]


def test_articles_are_added_with_their_photos_and_errors_stay_beside_the_others() -> None:
    ArticleFactory.create(sku="TAKEN")
    pile = finished(drawn_pile())
    first, second, third, fourth, fifth = pile.groups.all()
    PileGroup.objects.filter(pk=first.pk).update(name="Red dress", sku="D-1", price="39.90")
    PileGroup.objects.filter(pk=second.pk).update(name="Trousers", sku="taken")
    PileGroup.objects.filter(pk=third.pk).update(name="", sku="T-1")
    PileGroup.objects.filter(pk=fourth.pk).update(name="Dress", left_out=True)

    added = piles.add_articles(pile, [first.pk, second.pk, third.pk, fourth.pk], published=False)
    again = piles.add_articles(pile, [first.pk], published=False)

    article = Article.objects.get(sku="D-1")
    assert (added.articles, added.refused, again.articles) == ((article,), 2, ())
    assert (article.name, str(article.price), article.published, article.photos.count()) == (
        "Red dress",
        "39.90",
        False,
        3,
    )
    errors = {
        group.number: {field: error["code"] for field, error in group.errors.items()} for group in pile.groups.all()
    }
    assert errors == {1: {}, 2: {"sku": "pile.sku_taken"}, 3: {"name": "pile.no_name"}, 4: {}, 5: {}}
    assert Article.objects.count() == 2
    assert not fifth.added


@pytest.mark.django_db(transaction=True)
def test_files_go_with_the_articles_and_with_the_pile() -> None:
    pile = finished(drawn_pile())
    first = pile.groups.get(number=1)
    PileGroup.objects.filter(pk=first.pk).update(name="Red dress", sku="D-1")

    before = len(stored())

    piles.add_articles(pile, [first.pk], published=True)
    assert len(stored()) == before - 3
    Pile.objects.update(touched=timezone.now() - timedelta(days=15))
    assert piles.KIND.remove_expired() == 1

    assert len(stored()) == before - 12
    assert Article.objects.get().photos.count() == 3


def test_a_pile_that_is_stopped_is_not_sorted() -> None:
    pile = handed_in(drawn_pile())

    assert piles.cancel(pile)
    assert not piles.run_slice(pile.pk, for_s=60)
    assert not pile.groups.exists()
