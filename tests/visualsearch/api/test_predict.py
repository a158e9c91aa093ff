from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.factories import CategoryFactory
from tests.visualsearch.catalogue import COLOURS, encoded, found_article, query_for, shopper_photo
from visualsearch import backends
from visualsearch.services import versions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_throttle(settings: Any, valkey: object) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"predict": None}}


def send(client: Client, content: bytes, **options: Any) -> Any:
    return client.post("/api/predict", {"image": SimpleUploadedFile("photo.jpg", content), **options})


def send_json(client: Client, **body: Any) -> Any:
    return client.post("/api/predict", body, content_type="application/json")


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Assert the one shape of every refusal, and return it."""
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "code", "detail", "errors"}
    assert problem["status"] == status
    return dict(problem)


def test_the_answer_is_the_contracts_to_the_letter(client: Client) -> None:
    CategoryFactory.create(slug="dress")
    red = found_article("#b00020", price="39.90", sku="D-0017", name="Linen summer dress")
    found_article("#1f3a5f")

    response = send(client, shopper_photo("#b00020"))

    answer = response.json()
    assert response.status_code == 200
    assert list(answer) == [
        "token", "model", "predictions", "box", "match", "articles", "index", "timings_ms",
    ]  # fmt: skip
    assert answer["model"] == {"name": "mobilenetv2-clothing-int8", "version": "1", "fallback": False}
    assert len(answer["predictions"]) == 5
    probabilities = [one["probability"] for one in answer["predictions"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) <= 1.001
    assert set(answer["predictions"][0]) == {"category", "label", "probability", "catalogue_category"}
    mapped = {one["category"]: one["catalogue_category"] for one in answer["predictions"]}
    assert {label: slug for label, slug in mapped.items() if slug} in ({}, {"dress": "dress"})
    assert len(answer["box"]) == 4
    assert all(0 <= side <= 1 for side in answer["box"])
    assert answer["match"] in {"close", "weak", "none"}
    first = answer["articles"][0]
    similarity = first.pop("similarity")
    assert 0.5 < similarity <= 1
    photo = red.photos.get()
    assert first == {
        "id": red.pk,
        "sku": "D-0017",
        "name": "Linen summer dress",
        "url": f"/articles/linen-summer-dress-{red.pk}/",
        "category": red.category.slug if red.category else None,
        "brand": red.brand.name if red.brand else None,
        "price": {"amount": "39.90", "currency": "EUR"},
        "in_stock": True,
        "image": f"/media/{photo.pk}/{photo.sha256[:16]}-320.webp",
    }
    assert answer["index"] == {"vectors": 2, "sequence": 2, "pending": 0}
    assert list(answer["timings_ms"]) == ["receive", "decode", "inference", "search", "articles", "total"]
    assert answer["timings_ms"]["total"] >= answer["timings_ms"]["inference"] > 0


def test_a_file_base64_and_a_data_address_mean_the_same(client: Client) -> None:
    for colour in COLOURS:
        found_article(colour)
    content = shopper_photo("#b00020")
    text = base64.b64encode(content).decode()

    answers = [
        send(client, content).json(),
        send_json(client, image=text).json(),
        send_json(client, image=f"data:image/jpeg;base64,{text}").json(),
    ]

    assert answers[0]["articles"]
    for answer in answers[1:]:
        assert answer["articles"] == answers[0]["articles"]
        assert answer["predictions"] == answers[0]["predictions"]


def test_the_token_finds_the_same_again_and_pages_on(client: Client) -> None:
    for colour in COLOURS:
        found_article(colour)
    everything = send(client, shopper_photo("#b00020"), limit=6).json()

    again = client.get("/api/search", {"token": everything["token"], "limit": 6}).json()
    second = client.get("/api/search", {"token": everything["token"], "limit": 2, "offset": 2}).json()

    assert again["articles"] == everything["articles"]
    assert again["predictions"] == everything["predictions"]
    assert again["box"] == everything["box"]
    assert list(again["timings_ms"]) == ["search", "articles", "total"]
    assert second["articles"] == everything["articles"][2:4]


def test_limit_and_filters_are_honoured_in_either_body(client: Client) -> None:
    cheap = found_article("#b00020", price="10.00")
    found_article("#b00021", price="90.00")

    by_form = send(client, shopper_photo("#b00020"), price_max="50", limit="1").json()
    by_json = send_json(
        client, image=base64.b64encode(shopper_photo("#b00020")).decode(), price_max=50, limit=1, in_stock=True
    ).json()

    assert [article["id"] for article in by_form["articles"]] == [cheap.pk]
    assert [article["id"] for article in by_json["articles"]] == [cheap.pk]


def test_a_price_that_was_not_given_is_null(client: Client) -> None:
    found_article("#b00020", price=None)

    assert send(client, shopper_photo("#b00020")).json()["articles"][0]["price"] is None


def test_explain_adds_the_map(client: Client) -> None:
    answer = send(client, shopper_photo("#b00020"), explain="1").json()

    cells = [cell for row in answer["map"] for cell in row]
    assert len({len(row) for row in answer["map"]}) == 1
    assert 0 <= min(cells) <= max(cells) <= 1


def test_a_crop_is_searched_alone(client: Client) -> None:
    red, blue = found_article("#b00020"), found_article("#1f3a5f")
    both = Image.new("RGB", (400, 240))
    for place, colour in enumerate(("#b00020", "#1f3a5f")):
        garment = shopper_photo(colour, file_format="PNG")
        with Image.open(io.BytesIO(garment)) as picture:
            both.paste(picture, (place * 200, 0))
    content = encoded(both, "PNG")

    left = send(client, content, crop="0,0,0.45,1").json()
    right = send(client, content, crop="0.5,0,0.45,1").json()

    assert (left["articles"][0]["id"], right["articles"][0]["id"]) == (red.pk, blue.pk)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_every_format_of_the_contract_is_read(client: Client, file_format: str) -> None:
    red = found_article("#b00020")
    found_article("#1f3a5f")

    answer = send(client, shopper_photo("#b00020", file_format=file_format)).json()

    assert answer["articles"][0]["id"] == red.pk


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "unreadable_image"),
        (b"not a picture", 400, "unreadable_image"),
        (b"\xff\xd8\xff\xe0 truncated", 400, "unreadable_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 400, "unreadable_image"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), None, None),
    ],
)
def test_what_is_no_picture_is_refused(client: Client, content: bytes, status: int | None, code: str | None) -> None:
    response = send(client, content)

    if status is None:
        # Damaged HEIC: 415 without its decoder, 400 with it.
        assert response.status_code in {400, 415}
    else:
        assert_problem(response, status, str(code))


def test_too_many_bytes_and_too_many_pixels_are_refused(client: Client, settings: Any) -> None:
    content = shopper_photo("#b00020")

    settings.PHOTO_MAX_PIXELS = 1000
    assert_problem(send(client, content), 413, "image_too_large")
    settings.PHOTO_MAX_PIXELS, settings.PHOTO_MAX_BYTES = 10**7, 100
    assert_problem(send(client, content), 413, "image_too_large")
    assert_problem(send(client, bytes(300_000)), 413, "image_too_large")
    assert_problem(send_json(client, image=base64.b64encode(content).decode()), 413, "image_too_large")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "image"),
        ({"image": "", "url": ""}, "image"),
        ({"image": "aGk=", "url": "http://example.com/a.jpg"}, "image"),
        ({"image": 7}, "image"),
        ({"image": ["a"]}, "image"),
        ({"url": {"a": 1}}, "url"),
        ({"image": "aGk=", "limit": 0}, "limit"),
        ({"image": "aGk=", "limit": 101}, "limit"),
        ({"image": "aGk=", "limit": "many"}, "limit"),
        ({"image": "aGk=", "limit": [1]}, "limit"),
        ({"image": "aGk=", "crop": "1,2"}, "crop"),
        ({"image": "aGk=", "crop": "nan,0,1,1"}, "crop"),
        ({"image": "aGk=", "crop": [10**4000, 0, 1, 1]}, "crop"),
        ({"image": "aGk=", "crop": {"x": 1}}, "crop"),
        ({"image": "aGk=", "emphasis": 2}, "emphasis"),
        ({"image": "aGk=", "emphasis": "nan"}, "emphasis"),
        ({"image": "aGk=", "explain": "perhaps"}, "explain"),
    ],
)
def test_options_that_make_no_sense_name_their_field(client: Client, body: dict[str, Any], field: str) -> None:
    problem = assert_problem(send_json(client, **body), 400, "invalid")

    assert field in problem["errors"]


@pytest.mark.parametrize(
    "filters",
    [
        {"category": "x"},
        {"price_min": "cheap"},
        {"brand": "a\x00b"},
        {"category": "\ud800"},
        {"brand": ["x"] * 101},
        {"colour": ["x"]},
    ],
)
def test_filters_that_make_no_sense_name_their_field(client: Client, filters: dict[str, Any]) -> None:
    body = {"image": base64.b64encode(shopper_photo("#b00020")).decode(), **filters}

    problem = assert_problem(send_json(client, **body), 400, "invalid")

    assert list(problem["errors"]) == list(filters)


def test_a_crop_outside_the_picture_is_refused(client: Client) -> None:
    problem = assert_problem(send(client, shopper_photo("#b00020"), crop="0.9,0.9,0.5,0.5"), 400, "invalid")

    assert "crop" in problem["errors"]


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '"text"', "null", "[" * 100_000, "\udcff".encode("utf-8", "surrogateescape")]
)
def test_a_body_that_is_no_object_is_refused(client: Client, body: str | bytes) -> None:
    response = client.post("/api/predict", body, content_type="application/json")

    assert_problem(response, 400, "invalid")


def test_a_body_of_another_kind_is_refused(client: Client) -> None:
    assert_problem(client.post("/api/predict", "x", content_type="text/plain"), 415, "unsupported_media_type")


def test_another_method_is_refused(client: Client) -> None:
    assert_problem(client.get("/api/predict"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.jpg",
        "http://[::1]/a.jpg",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433/",
        "file:///etc/passwd",
        "http://user:word@example.com/",
        "nonsense",
        "http://xn--a/",
        "http://xn--999999999/",
    ],
)
def test_an_address_inside_is_refused_with_one_text(client: Client, url: str) -> None:
    problem = assert_problem(send_json(client, url=url), 400, "unreachable_url")
    nowhere = assert_problem(send_json(client, url="http://no-such-host.invalid/a.jpg"), 400, "unreachable_url")

    assert problem == nowhere


def test_a_token_that_was_changed_is_refused(client: Client) -> None:
    token = send(client, shopper_photo("#b00020")).json()["token"]

    assert_problem(client.get("/api/search", {"token": token + "x"}), 400, "invalid_token")
    assert_problem(client.get("/api/search"), 400, "invalid")
    assert_problem(client.get("/api/search", {"token": ""}), 400, "invalid")


@pytest.mark.parametrize("cut", [("shape",), ("colour",), ("shape", "colour")], ids="-".join)
def test_a_token_whose_parts_have_other_lengths_is_outdated(client: Client, cut: tuple[str, ...]) -> None:
    """As after its model version was made anew with another projection."""
    found_article("#b00020")
    query = query_for("#b00020")
    changed = replace(query, **{name: getattr(query, name)[:-1] for name in cut})

    assert_problem(client.get("/api/search", {"token": changed.token}), 410, "token_outdated")


def test_similar_articles_have_their_similarity(client: Client) -> None:
    red, crimson = found_article("#b00020"), found_article("#a80020")

    similar = client.get(f"/api/articles/{red.pk}/similar").json()

    assert [article["id"] for article in similar] == [crimson.pk]
    assert 0 < similar[0]["similarity"] <= 1
    assert_problem(client.get("/api/articles/987654/similar"), 404, "not_found")


def test_searches_beyond_the_rate_are_told_when_to_come_back(client: Client, settings: Any) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"predict": "2/min"}}
    content = shopper_photo("#b00020")

    statuses = [send(client, content).status_code for _ in range(2)]
    refused = send(client, content)

    assert statuses == [200, 200]
    assert_problem(refused, 429, "throttled")
    assert 1 <= int(refused["Retry-After"]) <= 60


def test_a_broker_that_is_down_lets_searches_through(client: Client, settings: Any, valkey: Any) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"predict": "2/min"}}
    valkey.stop()

    assert send(client, shopper_photo("#b00020")).status_code == 200


def spoil(name: str) -> None:
    """Overwrite a file of the serving model's folder, and let this process open it anew."""
    path = versions.serving_version().folder / name
    path.write_bytes(b"spoilt")
    backends.forget()


@pytest.fixture
def own_models(settings: Any, tmp_path: Path) -> None:
    """Give the test models that it may spoil."""
    settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "FOLDER": tmp_path / "models"}


@pytest.mark.usefixtures("own_models")
def test_a_spoilt_model_is_stood_in_for_by_the_float_one(client: Client) -> None:
    red = found_article("#b00020")
    found_article("#1f3a5f")
    spoil("model.tflite")

    answer = send(client, shopper_photo("#b00020")).json()
    health = client.get("/api/health")

    assert answer["model"] == {"name": "mobilenetv2-clothing-float32", "version": "1", "fallback": True}
    assert answer["articles"][0]["id"] == red.pk
    assert len(answer["predictions"]) == 5
    assert (health.status_code, health.json()["status"]) == (200, "degraded")


@pytest.mark.usefixtures("own_models")
def test_without_any_network_colour_alone_is_searched(client: Client) -> None:
    red = found_article("#b00020")
    found_article("#1f3a5f")
    spoil("fallback/model.tflite")
    spoil("model.tflite")

    answer = send(client, shopper_photo("#b00020")).json()

    assert answer["model"]["fallback"] is True
    assert answer["predictions"] == []
    assert answer["articles"][0]["id"] == red.pk
    assert client.get("/api/health").json()["status"] == "degraded"


@pytest.mark.usefixtures("own_models")
def test_without_a_descriptor_search_is_unavailable_and_the_shop_goes_on(client: Client) -> None:
    article = found_article("#b00020")
    spoil("fallback/model.tflite")
    spoil("descriptor.json")

    response = send(client, shopper_photo("#b00020"))

    assert_problem(response, 503, "search_unavailable")
    assert int(response["Retry-After"]) > 0
    health = client.get("/api/health")
    assert (health.status_code, health.json()["status"]) == (503, "down")
    assert client.get("/api/health/ready").status_code == 503
    assert client.get("/api/health/live").status_code == 200
    assert client.get(f"/api/articles/{article.pk}").status_code == 200
    assert client.get(article.get_absolute_url()).status_code == 200


def test_health_tells_of_every_part(client: Client) -> None:
    found_article("#b00020")

    health = client.get("/api/health").json()

    assert health == {
        "status": "ok",
        "model": {
            "name": "mobilenetv2-clothing-int8",
            "version": "1",
            "fallback": False,
            "predicts": True,
            "loaded": True,
        },
        "index": {"articles": 1, "vectors": 1, "sequence": 1, "snapshot_sequence": 0, "pending": 0, "failed": 0},
        "database": "ok",
        "broker": "ok",
        "version": settings.VERSION,
    }
    assert client.get("/api/health/ready").json() == {"status": "ok"}


def test_health_says_that_the_broker_is_down_and_goes_on(client: Client, valkey: Any) -> None:
    valkey.stop()

    health = client.get("/api/health")

    assert (health.status_code, health.json()["status"], health.json()["broker"]) == (200, "degraded", "down")


def test_a_search_leaves_nothing_of_the_photo(client: Client) -> None:
    found_article("#b00020")
    send(client, shopper_photo("#b00020"))
    before = {path: path.stat().st_mtime_ns for path in Path(settings.DATA_DIR).rglob("*") if path.is_file()}

    send(client, shopper_photo("#2e7d32"))

    after = {path: path.stat().st_mtime_ns for path in Path(settings.DATA_DIR).rglob("*") if path.is_file()}
    changed = {path.name for path in after if before.get(path) != after[path]}
    # The database's own bookkeeping and the broker's file of counters may move; no file comes.
    assert set(after) == set(before)
    assert not {name for name in changed if "aof" not in name and "sqlite" not in name}
