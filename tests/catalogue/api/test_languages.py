"""Refusals speak the reader's language, whatever part of the shop refuses: what happened, then what helps."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.catalogue.api.conftest import refusal
from tests.factories import ArticleFactory, ColourFactory

pytestmark = [pytest.mark.django_db]
JSON = "application/json"
FRENCH = {"Accept-Language": "fr-CA, fr;q=0.9"}


def told(answer: Any, status: int, language: str) -> Any:
    """Return a refusal, which must say in which language it is and that caches are to know that."""
    found, body = refusal(answer)
    assert (found, answer.headers["Content-Language"]) == (status, language)
    assert "Accept-Language" in answer.headers["Vary"]
    return body


def test_the_errors_of_the_framework_are_in_both_languages(client: Client, staff: Client) -> None:
    article = ArticleFactory.create()
    asked: list[tuple[int, Any, str, str]] = [
        (
            401,
            lambda headers: client.post("/api/articles", headers=headers),
            "Authentication required.",
            "Authentification requise.",
        ),
        (
            401,
            lambda headers: client.get("/api/articles", headers={**headers, "Authorization": "Api-Key x"}),
            "This API key is unknown or has been revoked. Ask the shop for a new one.",
            "Cette clé d’API est inconnue",
        ),
        (
            401,
            lambda headers: client.get("/api/articles", headers={**headers, "Authorization": "Token x"}),
            "This token is unknown",
            "Ce jeton est inconnu",
        ),
        (
            404,
            lambda headers: client.get("/api/nothing", headers=headers),
            "There is nothing at this address",
            "Il n’y a rien à cette adresse",
        ),
        (
            404,
            lambda headers: client.get("/api/articles/0", headers=headers),
            "There is nothing at this address",
            "Il n’y a rien à cette adresse",
        ),
        (
            405,
            lambda headers: client.delete("/api/categories", headers=headers),
            "DELETE isn’t supported at this address. Use one of: GET, HEAD.",
            "DELETE n’est pas pris en charge à cette adresse.",
        ),
        (
            406,
            lambda headers: client.get("/api/categories", headers={**headers, "Accept": "text/csv"}),
            "Send Accept: application/json.",
            "Envoyez Accept\xa0: application/json.",
        ),
        (
            415,
            lambda headers: staff.patch(f"/api/articles/{article.pk}", "a", content_type="text/plain", headers=headers),
            "A body of type “text/plain” isn’t supported here. Send it as one of: application/json.",
            "Un corps de type",
        ),
        (
            400,
            lambda headers: staff.post("/api/articles", "{", content_type=JSON, headers=headers),
            "The body is not valid JSON (line 1, column 2).",
            "Le corps n’est pas du JSON valide (ligne 1, colonne 2).",
        ),
        (
            400,
            lambda headers: staff.post("/api/articles", '{"a": NaN}', content_type=JSON, headers=headers),
            "The body contains a number that is not allowed.",
            "Le corps contient un nombre",
        ),
        (
            400,
            lambda headers: staff.post("/api/articles", b'{"a": "\xff"}', content_type=JSON, headers=headers),
            "This text is not valid UTF-8.",
            "Ce texte n’est pas de l’UTF-8 valide.",
        ),
    ]

    for status, ask, english, french in asked:
        assert english in told(ask({}), status, "en")["detail"]
        assert french in told(ask(FRENCH), status, "fr")["detail"]


@pytest.mark.parametrize(
    ("body", "field", "english", "french"),
    [
        ({}, "sku", "This field is missing. Send a value for it.", "Ce champ est absent. Envoyez une valeur."),
        ({"sku": ""}, "sku", "This field is empty.", "Ce champ est vide."),
        ({"sku": None}, "sku", "This field can’t be null.", "Ce champ ne peut pas être nul."),
        (
            {"sku": "a" * 500},
            "sku",
            "The text is too long. Send at most 100 characters.",
            "Envoyez au plus 100 caractères.",
        ),
        ({"sku": []}, "sku", "This is not text. Send it as a string.", "Ce n’est pas du texte."),
        (
            {"stock": "many"},
            "stock",
            "This is not a whole number. Send one, such as 12.",
            "Ce n’est pas un nombre entier.",
        ),
        ({"stock": -1}, "stock", "The number is too low. The minimum is 0.", "Le minimum est 0."),
        ({"published": "perhaps"}, "published", "Send true or false.", "true ou false"),
        ({"category": "nowhere"}, "category", "“nowhere” is unknown.", "nowhere"),
        ({"sizes": "S"}, "sizes", "This is not a list. Send an array of values.", "Ce n’est pas une liste."),
        ({"price": 5}, "price", "This is not a JSON object.", "Ce n’est pas un objet JSON."),
        (
            {"price": {"amount": "1.234", "currency": "EUR"}},
            "price.amount",
            "too many decimal places",
            "trop de décimales",
        ),
        ({"price": {"amount": "1", "currency": "euro"}}, "price.currency", "not a currency code", "EUR"),
        ({"colours": ["red", 5]}, "colours", "“5” is unknown.", "5"),
        ({"variants": []}, "name", "This field is missing.", "Ce champ est absent."),
    ],
)
def test_what_is_wrong_with_a_field_is_in_both_languages(
    staff: Client, body: dict[str, Any], field: str, english: str, french: str
) -> None:
    ColourFactory.create(slug="red")

    for headers, text in (({}, english), (FRENCH, french)):
        answer = staff.post("/api/articles", body, content_type=JSON, headers=headers)
        assert text in told(answer, 400, "fr" if headers else "en")["errors"][field][0]


def test_what_a_client_repeats_back_is_bounded(staff: Client) -> None:
    answer = staff.post("/api/articles", {"category": "x" * 100_000}, content_type=JSON)

    assert len(answer.content) < 3_000


def test_a_host_that_is_none_of_the_shops_is_told_what_helps(client: Client) -> None:
    body = told(client.get("/api/articles", headers={"Host": "evil.example", **FRENCH}), 400, "fr")

    assert "Ce nom d’hôte n’est pas celui de la boutique." in body["detail"]


def test_too_many_parameters_are_refused_before_any_is_read(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10

    body = told(client.get("/api/articles?" + "&".join(f"a{n}=1" for n in range(20)), headers=FRENCH), 400, "fr")

    assert "trop de paramètres" in body["detail"]


def test_a_bug_is_a_problem_in_the_readers_language(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("catalogue.api.views.category_tree", lambda: 1 / 0)

    body = told(client.get("/api/categories", headers=FRENCH), 500, "fr")

    assert body["detail"] == "Erreur interne, enregistrée."
