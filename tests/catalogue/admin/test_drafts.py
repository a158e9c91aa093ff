"""An article's form keeps the photos that it was sent with, whatever is wrong with the rest of it; without scripts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalogue.models import Article, ChangeSet, Edit, Photo, PhotoDraft, digest_of, draft_storage
from catalogue.photos import drafts
from tests.admin_pages import filled_in
from tests.catalogue.admin.addresses import ADD, change
from tests.factories import ArticleFactory, PhotoFactory, drawn_picture

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Page

pytestmark = [pytest.mark.django_db, pytest.mark.switch, pytest.mark.database]

COLOURS = ("#c0392b", "#27ae60", "#2980b9", "#f1c40f", "#8e44ad")
FIVE = [drawn_picture(colour) for colour in COLOURS]
DRAFTS = reverse("admin:catalogue_article_drafts")


def png(number: int) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"view-{number}.png", FIVE[number], content_type="image/png")


def opened(client: Client, address: str = ADD) -> dict[str, Any]:
    """Return what a browser would send of a page that was opened, without a name or a number."""
    return sent(client.get(address))


def sent(page: Page) -> dict[str, Any]:
    return filled_in(page) | {"photo_form": page.context["photo_form"]}


def photos_of(page: Page) -> Any:
    """Return the rows of photos of an article's form."""
    return next(each.formset for each in page.context["inline_admin_formsets"] if each.formset.prefix == "photos")


def names_shown(page: Page) -> list[str]:
    photos = photos_of(page)
    return [form.instance.draft.name for form in photos.forms if form.instance.draft]


def digests(article: Article) -> list[str]:
    return [photo.sha256 for photo in article.photos.all()]


def expected(*numbers: int) -> list[str]:
    return [digest_of(png(number)) for number in numbers]


def test_five_photos_of_a_form_without_a_sku_are_shown_again_and_saved_in_order(admin_client: Client) -> None:
    form = opened(admin_client) | {"name": "Dress", "pile": [png(number) for number in range(5)]}

    refused = admin_client.post(ADD, form)

    assert refused.status_code == 200
    assert names_shown(refused) == [f"view-{number}.png" for number in range(5)]
    assert [error["id"] for error in refused.context["error_summary"]] == ["id_sku"]
    assert '<a href="#id_sku">SKU: This field is required.</a>' in refused.content.decode()
    assert not Article.objects.exists()

    saved = admin_client.post(ADD, sent(refused) | {"sku": "D-1"})

    assert saved.status_code == 302
    assert digests(Article.objects.get()) == expected(0, 1, 2, 3, 4)


def test_a_broken_photo_is_named_and_the_others_stay(admin_client: Client) -> None:
    broken = SimpleUploadedFile("broken.jpg", b"no picture", content_type="image/jpeg")
    form = opened(admin_client) | {"sku": "D-1", "name": "Dress", "pile": [png(0), broken, png(1)]}

    refused = admin_client.post(ADD, form)

    assert names_shown(refused) == ["view-0.png", "view-1.png"]
    assert "broken.jpg: This file type isn’t supported." in refused.content.decode()

    admin_client.post(ADD, sent(refused))

    assert digests(Article.objects.get()) == expected(0, 1)


def test_a_photo_that_is_too_large_is_named_and_all_else_stays(admin_client: Client, settings: LazySettings) -> None:
    settings.PHOTO_MAX_BYTES = max(map(len, FIVE))
    large = SimpleUploadedFile("large.jpg", b"x" * (settings.PHOTO_MAX_BYTES + 1), content_type="image/jpeg")
    form = opened(admin_client) | {"sku": "D-1", "name": "Typed with care", "pile": [png(0), large]}

    refused = admin_client.post(ADD, form)

    assert refused.status_code == 200
    assert names_shown(refused) == ["view-0.png"]
    assert "large.jpg: The file is larger than" in refused.content.decode()
    assert "Typed with care" in refused.content.decode()


def test_a_new_file_of_a_photo_is_kept_through_an_error_and_replaces_it(
    admin_client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    photo = PhotoFactory.create(data=FIVE[4])
    form = opened(admin_client, change(photo.article)) | {"photos-0-file": png(0), "stock": "-1"}

    refused = admin_client.post(change(photo.article), form)
    assert names_shown(refused) == ["view-0.png"]
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(change(photo.article), sent(refused) | {"stock": "1"})

    assert [(one.pk, one.sha256) for one in photo.article.photos.all()] == [(photo.pk, *expected(0))]
    assert draft_storage().listdir("")[1] == []


def test_a_draft_is_left_out_where_its_box_is_ticked(admin_client: Client) -> None:
    refused = admin_client.post(ADD, opened(admin_client) | {"name": "Dress", "pile": [png(0), png(1)]})

    admin_client.post(ADD, sent(refused) | {"sku": "D-1", "photos-1-undraft": "on"})

    assert digests(Article.objects.get()) == expected(1)
    assert [draft.name for draft in PhotoDraft.objects.all()] == ["view-1.png"]


def test_two_windows_of_one_form_do_not_mix(admin_client: Client) -> None:
    first = admin_client.post(ADD, opened(admin_client) | {"name": "A", "pile": [png(0)]})
    second = admin_client.post(ADD, opened(admin_client) | {"name": "B", "pile": [png(0), png(1)]})

    admin_client.post(ADD, sent(second) | {"sku": "B"})
    admin_client.post(ADD, sent(first) | {"sku": "A"})

    assert digests(Article.objects.get(sku="A")) == expected(0)
    assert digests(Article.objects.get(sku="B")) == expected(0, 1)


@pytest.mark.parametrize("again", ["files", "drafts"])
def test_a_form_that_is_sent_twice_makes_one_article_with_its_photos_once(admin_client: Client, again: str) -> None:
    def form() -> dict[str, Any]:
        return fields | ({"pile": [png(0), png(1)]} if again == "files" else {})

    fields = opened(admin_client) | {"name": "Dress"}
    if again == "drafts":
        fields = sent(admin_client.post(ADD, fields | {"pile": [png(0), png(1)]}))
    fields |= {"sku": "D-1"}
    admin_client.post(ADD, form())

    page = admin_client.post(ADD, form())

    article = Article.objects.get()
    assert page["Location"] == change(article)
    assert digests(article) == expected(0, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("new", [True, False], ids=["new", "changed"])
def test_two_requests_of_one_form_at_once_save_its_photos_once(admin_user: User, new: bool) -> None:
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(admin_user)
    address = ADD if new else change(ArticleFactory.create())
    fields = opened(clients[0], address) | ({"sku": "D-1", "name": "Dress"} if new else {})
    ready = Barrier(2)

    def send(client: Client) -> int:
        try:
            ready.wait(timeout=30)
            return client.post(address, fields | {"pile": [png(0), png(1)]}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(send, clients))

    assert answers == [302, 302]
    assert digests(Article.objects.get()) == expected(0, 1)


def test_a_changed_article_that_is_sent_twice_gets_its_new_photo_once(admin_client: Client) -> None:
    article = ArticleFactory.create()
    fields = opened(admin_client, change(article))

    for _ in range(2):
        page = admin_client.post(change(article), fields | {"photos-0-file": png(0), "photos-0-alt": "Front"})
        assert page.status_code == 302

    assert [(photo.sha256, photo.alt) for photo in article.photos.all()] == [(*expected(0), "Front")]


def test_a_photo_that_is_in_the_bin_can_be_sent_again(admin_client: Client) -> None:
    article = ArticleFactory.create()
    fields = opened(admin_client, change(article))
    admin_client.post(change(article), fields | {"photos-0-file": png(0)})
    article.photos.get().delete()

    page = admin_client.post(change(article), fields | {"photos-0-file": png(0)})

    assert page.status_code == 302
    assert digests(article) == expected(0)


def test_photos_that_a_form_saves_are_recorded_with_its_user(admin_client: Client, admin_user: User) -> None:
    article = ArticleFactory.create(name="Dress")
    Edit.objects.all().delete()
    admin_client.post(
        change(article), opened(admin_client, change(article)) | {"name": "Gown", "pile": [png(0), png(1)]}
    )

    edits = Edit.objects.order_by("pk")
    assert {edit.change_set for edit in edits} == {ChangeSet.objects.get(how="form", by=admin_user)}
    assert sorted((edit.kind, edit.did, edit.article_id) for edit in edits) == [
        ("article", "changed", article.pk), ("photo", "created", article.pk), ("photo", "created", article.pk),
    ]  # fmt: skip


def test_a_photo_that_was_saved_with_another_article_says_so(admin_client: Client) -> None:
    refused = admin_client.post(ADD, opened(admin_client) | {"name": "Dress", "pile": [png(0)]})
    admin_client.post(ADD, sent(refused) | {"sku": "D-1"})

    page = admin_client.post(ADD, sent(refused) | {"sku": "D-2"})

    assert "view-0.png: This photo was already saved with Dress (D-1)." in page.content.decode()
    assert not Article.objects.filter(sku="D-2").exists()


def test_the_draft_of_another_user_is_not_found(admin_client: Client, client: Client) -> None:
    refused = admin_client.post(ADD, opened(admin_client) | {"name": "Dress", "pile": [png(0)]})
    draft = PhotoDraft.objects.get()
    picture = reverse("admin:catalogue_article_draft", args=[draft.pk])
    client.force_login(User.objects.create_superuser("other"))

    page = client.post(ADD, sent(refused) | {"sku": "D-1"})

    assert "This photo is no longer available" in page.content.decode()
    assert not Photo.objects.exists()
    assert client.get(picture).status_code == 404
    client.post(picture)
    client.post(reverse("admin:catalogue_article_discard_drafts"), {"form": draft.form})
    assert admin_client.get(picture)["Content-Type"] == "image/webp"


@pytest.mark.parametrize("draft", ["6f" * 16, "nonsense", "0" * 5_000, "\0"], ids=["none", "word", "long", "null"])
def test_a_draft_that_is_none_is_refused_and_not_an_error(admin_client: Client, draft: str) -> None:
    page = admin_client.post(ADD, opened(admin_client) | {"sku": "D-1", "name": "Dress", "photos-0-draft": draft})

    assert page.status_code == 200
    assert not Article.objects.exists()


def test_photos_of_a_form_that_was_left_are_offered_used_and_deleted(admin_client: Client) -> None:
    admin_client.post(ADD, opened(admin_client) | {"name": "Dress", "pile": [png(0), png(1)]})

    page = admin_client.get(ADD)
    assert "2 photos were uploaded since" in page.content.decode()
    (offer,) = page.context["offers"]
    resumed = admin_client.get(ADD, {"drafts": offer["form"]})

    assert names_shown(resumed) == ["view-0.png", "view-1.png"]
    admin_client.post(reverse("admin:catalogue_article_discard_drafts"), {"form": offer["form"]})
    assert not PhotoDraft.objects.exists()
    assert admin_client.get(ADD).context["offers"] == []


def test_photos_that_are_resumed_are_saved_behind_those_of_the_article(admin_client: Client) -> None:
    article = PhotoFactory.create(data=FIVE[4], position=1).article
    admin_client.post(change(article), opened(admin_client, change(article)) | {"sku": "", "pile": [png(0), png(1)]})
    (offer,) = admin_client.get(change(article)).context["offers"]

    resumed = admin_client.get(change(article), {"drafts": offer["form"]})
    admin_client.post(change(article), sent(resumed))

    assert digests(article) == expected(4, 0, 1)


def test_a_photo_sent_by_a_script_is_kept_and_comes_back_with_its_name(admin_client: Client) -> None:
    form = uuid4().hex

    answers = [admin_client.post(DRAFTS, {"form": form, "file": png(0)}).json() for _ in range(2)]

    assert answers[0] == answers[1]
    draft = PhotoDraft.objects.get()
    assert answers[0] == {"draft": str(draft.pk), "name": "view-0.png"}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"form": "6f" * 16, "file": SimpleUploadedFile("b.jpg", b"text")}, 400, id="text"),
        pytest.param({"form": "6f" * 16}, 400, id="no file"),
        pytest.param({"form": "x", "file": png(0)}, 400, id="no form"),
        pytest.param({}, 400, id="nothing"),
    ],
)
def test_what_is_no_photo_of_a_form_is_refused_with_a_reason(
    admin_client: Client, fields: dict[str, Any], status: int
) -> None:
    answer = admin_client.post(DRAFTS, fields)

    assert answer.status_code == status
    assert answer.json()["detail"]
    assert not PhotoDraft.objects.exists()
    assert not draft_storage().exists("") or draft_storage().listdir("")[1] == []


def test_one_user_has_a_limited_number_of_drafts(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "DRAFTS_AT_MOST", 1)
    admin_client.post(DRAFTS, {"form": uuid4().hex, "file": png(0)})

    script = admin_client.post(DRAFTS, {"form": uuid4().hex, "file": png(1)})
    form = admin_client.post(ADD, opened(admin_client) | {"name": "Dress", "pile": [png(2)]})

    assert script.status_code == 507
    assert "“view-2.png” couldn’t be kept. You already have 1 unsaved photos" in form.content.decode()
    assert PhotoDraft.objects.count() == 1


def test_staff_without_rights_to_articles_keep_no_drafts(client: Client) -> None:
    client.force_login(User.objects.create_user("viewer", is_staff=True))

    assert client.post(DRAFTS, {"form": uuid4().hex, "file": png(0)}).status_code == 403
    assert client.post(ADD, {"name": "Dress", "photos-TOTAL_FORMS": 0, "pile": [png(0)]}).status_code == 403
    assert not PhotoDraft.objects.exists()


def test_who_lost_the_right_to_articles_sees_and_discards_no_draft(admin_client: Client, admin_user: User) -> None:
    admin_client.post(ADD, opened(admin_client) | {"name": "Dress", "pile": [png(0)]})
    draft = PhotoDraft.objects.get()
    User.objects.update(is_superuser=False)

    answers = [
        admin_client.get(reverse("admin:catalogue_article_draft", args=[draft.pk])),
        admin_client.post(reverse("admin:catalogue_article_draft", args=[draft.pk])),
        admin_client.post(reverse("admin:catalogue_article_discard_drafts"), {"form": draft.form}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert PhotoDraft.objects.exists()


def test_a_form_without_a_csrf_token_keeps_nothing(admin_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)

    assert client.post(ADD, {"name": "Dress", "photos-TOTAL_FORMS": 0, "pile": [png(0)]}).status_code == 403
    assert client.post(DRAFTS, {"form": uuid4().hex, "file": png(0)}).status_code == 403
    assert not PhotoDraft.objects.exists()


def test_publishing_without_a_photo_asks_first_and_keeps_what_was_typed(admin_client: Client) -> None:
    form = opened(admin_client) | {"sku": "D-1", "name": "Typed with care", "_continue": "1"}

    asked = admin_client.post(ADD, form)

    page = asked.content.decode()
    assert "Publish without a photo?" in page
    assert "Please correct the error" not in page
    assert "Typed with care" in page
    assert not Article.objects.exists()
    saved = admin_client.post(ADD, sent(asked) | {"_without_photo": "publish", "_pressed": asked.context["pressed"]})
    article = Article.objects.get()
    assert article.published
    assert saved["Location"] == change(article)
    assert "is published without a photo" in admin_client.get(change(article)).content.decode()


def test_an_article_without_a_photo_is_saved_hidden_where_staff_say_so(admin_client: Client) -> None:
    asked = admin_client.post(ADD, opened(admin_client) | {"sku": "D-1", "name": "Dress"})

    admin_client.post(ADD, sent(asked) | {"_without_photo": "hide"})

    assert not Article.objects.get().published


def test_a_hidden_article_without_a_photo_is_saved_without_a_question(admin_client: Client) -> None:
    form = opened(admin_client) | {"sku": "D-1", "name": "Dress"}
    del form["published"]

    assert admin_client.post(ADD, form).status_code == 302


def test_taking_away_the_last_photo_of_a_published_article_asks(admin_client: Client) -> None:
    article = PhotoFactory.create().article
    form = opened(admin_client, change(article)) | {"photos-0-DELETE": "on"}

    asked = admin_client.post(change(article), form)

    assert asked.context["asks_for_photo"]
    assert article.photos.count() == 1


def test_an_article_on_sale_without_a_photo_is_changed_with_a_warning(admin_client: Client) -> None:
    article = ArticleFactory.create()

    admin_client.post(change(article), opened(admin_client, change(article)) | {"price": "12.00"})

    article.refresh_from_db()
    assert article.price == 12
    assert "is published without a photo" in admin_client.get(change(article)).content.decode()


def test_an_article_with_other_errors_is_not_asked_about_photos(admin_client: Client) -> None:
    page = admin_client.post(ADD, opened(admin_client) | {"name": "Dress"})

    assert not page.context["asks_for_photo"]
    assert [error["id"] for error in page.context["error_summary"]] == ["id_sku"]
