"""A photo in, the contract's answer out."""

from __future__ import annotations

import base64
import io
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from catalogue.models import Article
from tests.catalogue.imaging.pictures import HEIC_TURNED, heic_upright
from tests.factories import ArticleFactory, CategoryFactory, PhotoFactory
from tests.visualsearch.api.sending import send, send_json
from tests.visualsearch.catalogue import COLOURS, encoded, found_article, shopper_photo
from tests.visualsearch.garments import draw_lifelike
from tests.visualsearch.rotation import shipped_version
from visualsearch.services.indexing import embedding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle")]

# Two cuts of the demo, and two colours.
TROUSERS, DRESS = "PA01-02", "DR01-01"
CRIMSON, NAVY = "#b23230", "#2b3c58"
QUARTER_TURNS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)


def test_the_answer_is_the_contracts_to_the_letter(client: Client) -> None:
    CategoryFactory.create(slug="dress")
    red = found_article("#b00020", price="39.90", sku="D-0017", name="Linen summer dress")
    found_article("#1f3a5f")

    response = send(client, shopper_photo("#b00020"))

    answer = response.json()
    assert response.status_code == 200
    assert list(answer) == [
        "token", "model", "predictions", "box", "garments", "garment", "match", "count", "next", "previous", "articles",
        "index", "timings_ms",
    ]  # fmt: skip
    assert (answer["count"], answer["next"], answer["previous"]) == (2, None, None)
    assert answer["model"] == {"name": "mobilenetv2-clothing-int8", "version": shipped_version(), "fallback": False}
    assert len(answer["predictions"]) == 5
    probabilities = [one["probability"] for one in answer["predictions"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) <= 1.001
    assert set(answer["predictions"][0]) == {"category", "label", "probability", "catalogue_category"}
    mapped = {one["category"]: one["catalogue_category"] for one in answer["predictions"]}
    assert {label: slug for label, slug in mapped.items() if slug} in ({}, {"dress": "dress"})
    assert len(answer["box"]) == 4
    assert all(0 <= side <= 1 for side in answer["box"])
    assert answer["garments"][0] == {**answer["predictions"][0], "box": answer["box"]}
    assert answer["garment"] == 1
    assert answer["match"] in {"close", "weak", "none"}
    first = answer["articles"][0]
    similarity = first.pop("similarity")
    assert 0.5 < similarity <= 1
    photo = red.photos.get()
    assert [one["width"] for one in first.pop("pictures").values()] == [90, 90, 90]
    assert first == {
        "id": red.pk,
        "sku": "D-0017",
        "name": "Linen summer dress",
        "url": f"/articles/linen-summer-dress-{red.pk}/",
        "category": red.category.slug if red.category else None,
        "brand": red.brand.name if red.brand else None,
        "price": {"amount": "39.90", "currency": "EUR"},
        "regular_price": None,
        "in_stock": True,
        "image": f"http://testserver/media/{photo.pk}/{photo.sha256[:16]}-320.webp",
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


def test_an_iphones_photo_is_searched_as_it_is_held(client: Client) -> None:
    """Without anything installed besides what the shop needs: HEIC, stored on its side."""
    upright = heic_upright()
    held = [upright, *(upright.transpose(turn) for turn in QUARTER_TURNS)]
    articles = [ArticleFactory.create() for _ in held]
    photos = [
        PhotoFactory.create(article=article, file=ContentFile(encoded(picture, "PNG"), "held.png"))
        for article, picture in zip(articles, held, strict=True)
    ]
    embedding.embed_photos([photo.pk for photo in photos])

    answer = send(client, HEIC_TURNED).json()

    assert answer["articles"][0]["id"] == articles[0].pk
    assert answer["articles"][0]["similarity"] == pytest.approx(1, abs=0.02)
    assert answer["articles"][1]["similarity"] < answer["articles"][0]["similarity"]


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


def test_emphasis_ranks_by_cut_by_colour_and_by_anything_between(client: Client) -> None:
    shop = {(cut, colour): _article(cut, colour).pk for cut in (TROUSERS, DRESS) for colour in (CRIMSON, NAVY)}
    wanted, same_cut, same_colour = shop[TROUSERS, CRIMSON], shop[TROUSERS, NAVY], shop[DRESS, CRIMSON]
    photo = encoded(draw_lifelike(TROUSERS, CRIMSON, view=1), "PNG")

    leads, first_two = [], []
    for emphasis in (-1, -0.5, 0, 0.5, 1):
        answer = send(client, photo, emphasis=emphasis).json()
        again = client.get("/api/search", {"token": answer["token"], "emphasis": emphasis}).json()
        nearness = {one["id"]: one["similarity"] for one in answer["articles"]}
        assert again["articles"] == answer["articles"]
        leads.append(nearness[same_colour] - nearness[same_cut])
        first_two.append(set(list(nearness)[:2]))

    assert first_two[0] == {wanted, same_cut}
    assert first_two[-1] == {wanted, same_colour}
    assert all(before < after for before, after in pairwise(leads))
    assert leads[0] < 0 < leads[-1]


def _article(cut: str, colour: str) -> Article:
    """Return an article that can be found, whose photo has the demo's cut in a plain colour."""
    photo = PhotoFactory.create(data=encoded(draw_lifelike(cut, colour), "PNG"))
    embedding.embed_photos([photo.pk])
    return photo.article
