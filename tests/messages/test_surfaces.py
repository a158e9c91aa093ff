"""Every message in both languages, wherever people and programs meet it: API, page, admin, commands, files."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.utils.html import escape
from django.utils.translation import override

from catalogue import imports
from catalogue.admin.sources import PhotoSourceAdmin
from catalogue.api.exception_handler import handle
from catalogue.exceptions import CatalogueError, InvalidRequestError
from catalogue.feeds import RowError
from catalogue.feeds.row_errors import refusal_lines
from catalogue.management.printing import printable
from catalogue.messages import Message
from catalogue.messages.rendering import render
from catalogue.models import ImportRun, Photo, PhotoSource
from tests.catalogue.imaging.pictures import HEIC_TURNED
from tests.catalogue.imports.handed_in import handed_in
from tests.factories import ArticleFactory, drawn_picture
from tests.messages.every import EVERY, LANGUAGES, PUBLIC, example_of
from visualsearch.admin.articles import shown
from visualsearch.api.batches import result_of
from visualsearch.models import BatchPhoto
from visualsearch.services.indexing.embedding import PhotoState
from visualsearch.web.views import refuse

each_language = pytest.mark.parametrize("language", LANGUAGES)
HEIC = Message("image.heic_unsupported")


class UnreadableError(CatalogueError):
    code = "unreadable_image"


@each_language
def test_the_api_tells_each_in_the_language_of_the_request(language: str) -> None:
    for code in PUBLIC:
        message = example_of(code)
        with override(language):
            whole = handle(UnreadableError(message), {})
            by_field = handle(InvalidRequestError({"crop": [message]}), {})
            photo = BatchPhoto(number=0, name="a", code="unreadable_image", state="failed", error=message.as_json())
            result = result_of(photo, {})
        assert whole is not None
        assert by_field is not None

        told = render(message, language)
        assert json.loads(whole.content)["detail"] == told
        assert json.loads(by_field.content)["errors"] == {"crop": [told]}
        assert json.loads(by_field.content)["detail"] == f"crop: {told}"
        assert result["error"] == {"code": "unreadable_image", "detail": told}


@each_language
def test_the_api_tells_strangers_nothing_of_the_shops_machines(language: str) -> None:
    for code in sorted(set(EVERY) - set(PUBLIC)):
        with override(language):
            response = handle(UnreadableError(example_of(code)), {})
        assert response is not None

        assert json.loads(response.content)["detail"] not in {"", render(example_of(code), language)}


@pytest.mark.django_db
@each_language
def test_the_search_page_tells_each(language: str) -> None:
    request = RequestFactory().get("/search/", {"fragment": "1"})
    for code in PUBLIC:
        with override(language):
            page = refuse(request, "unreadable_image", example_of(code)).content.decode()

        assert escape(render(example_of(code), language)) in page


@each_language
def test_staff_are_told_each(language: str) -> None:
    for message in EVERY.values():
        error = message.as_json()
        with override(language):
            source = PhotoSourceAdmin.state(None, PhotoSource(error=error))  # type: ignore[arg-type]
            photo = shown(Photo(pk=1), PhotoState("failed", error))

        told = escape(render(message, language))
        assert told in source
        assert told in photo


@pytest.mark.django_db
@each_language
def test_commands_tell_each_in_the_language_of_the_process(language: str) -> None:
    article = ArticleFactory.create(sku="D-1")
    for position, (code, message) in enumerate(EVERY.items()):
        PhotoSource.objects.create(
            article=article, url=f"https://a.example/{code}", host="a.example", position=position,
            error=message.as_json(),
        )  # fmt: skip
    out = io.StringIO()

    with override(language):
        call_command("fetch_photos", "--failed", stdout=out)

    lines = out.getvalue().splitlines()
    for code, message in EVERY.items():
        assert printable(f"D-1 https://a.example/{code}: {render(message, language)}") in lines


@each_language
def test_the_file_of_refused_rows_tells_each(language: str) -> None:
    rows = [RowError(str(number), code, message) for number, (code, message) in enumerate(EVERY.items())]

    with override(language):
        read = list(csv.reader(io.StringIO("".join(refusal_lines(rows)))))

    assert read[0] == ["line", "sku", "reason"]
    assert [row[2].removeprefix("'") for row in read[1:]] == [render(message, language) for message in EVERY.values()]


@pytest.mark.django_db
def test_the_french_api_tells_an_iphone_what_to_do(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    upload = {"image": SimpleUploadedFile("IMG_0001.HEIC", HEIC_TURNED)}

    answer = client.post("/api/predict", upload, headers={"Accept-Language": "fr"})

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert answer.json()["detail"] == render(HEIC, "fr")
    assert "« Le plus compatible »".replace(" ", "\u00a0", 1)[:5] in answer.json()["detail"]


@pytest.mark.django_db
def test_the_french_search_page_tells_an_iphone_what_to_do(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)

    with override("fr"):
        page = client.post("/fr/search/", {"image": SimpleUploadedFile("IMG_0001.HEIC", HEIC_TURNED)})

    assert page.status_code == 415
    assert render(HEIC, "fr") in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "field", "told"),
    [
        ({"crop": "1,2"}, "crop", "Ce n’est pas une zone à recadrer. Envoyez quatre nombres"),
        ({"category": "no-such"}, "category", "no-such\u00a0» est inconnu."),
        ({"price_min": "cher"}, "price_min", "Ce n’est pas un nombre."),
        ({"price_min": "-5"}, "price_min", "Le minimum est 0."),
        ({"fields": "cost"}, "fields", "Il n’y a pas de champ «\u00a0cost\u00a0»."),
    ],
)
def test_the_french_api_tells_what_is_wrong_with_a_field(
    client: Client, options: dict[str, str], field: str, told: str
) -> None:
    photo = SimpleUploadedFile("a.png", drawn_picture())

    answer = client.post("/api/predict", {"image": photo, **options}, headers={"Accept-Language": "fr"})

    assert answer.status_code == 400
    assert told in answer.json()["errors"][field][0]
    assert told in answer.json()["detail"] or answer.json()["detail"] == render(Message("request.fields"), "fr")


@pytest.mark.django_db
def test_the_french_api_tells_sizes(client: Client, settings: LazySettings) -> None:
    settings.PHOTO_MAX_PIXELS = 1_000
    photo = SimpleUploadedFile("a.png", drawn_picture(size=(40, 50)))

    answer = client.post("/api/predict", {"image": photo}, headers={"Accept-Language": "fr"})

    assert answer.status_code == 413
    assert "40 × 50 pixels (0,002 mégapixels)" in answer.json()["detail"]


TABLE = "sku,name,price,stock\nA-1,One,dear,1\nA-2,Two,5,many\n,Three,5,1\n"


@pytest.mark.django_db
def test_an_import_stores_codes_and_each_reader_has_the_words_of_their_own(admin_client: Client) -> None:
    run = handed_in(TABLE)
    imports.run_slice(run.pk, for_s=60)

    pages: dict[str, Any] = {}
    address = f"/admin/catalogue/importrun/{run.pk}"
    for language in ("en", "fr"):
        reader = {"Accept-Language": language}
        # The lines are written while the file is read.
        with override(language):
            file = b"".join(admin_client.get(f"{address}/refused.csv", headers=reader))
        pages[language] = (
            admin_client.get(f"{address}/change/", headers=reader).content.decode(), file.decode("utf-8-sig"),
        )  # fmt: skip

    stored = [row.error for row in ImportRun.objects.get().refusals.all()]
    assert stored[0] == {
        "code": "cell.in_column",
        "params": {"column": "price", "reason": {"code": "cell.not_a_price", "params": {"value": "dear"}}},
    }
    for text in pages["en"]:
        assert "“dear” is not a price. Write it as 1299.00 or as 1299.00 EUR." in text
        assert "Write 0 or more, in digits." in text
    for text in pages["fr"]:
        assert "dear\u00a0» n’est pas un prix. Écrivez-le comme 1299.00 ou comme 1299.00 EUR." in text
        assert "Donnez à chaque article sa propre référence." in text
        assert "is not" not in text.split("errornote")[-1].split("<table>")[-1]
