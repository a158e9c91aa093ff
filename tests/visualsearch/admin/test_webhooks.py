"""Staff see what became of the webhooks of apps, and why."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from catalogue.messages import Message
from catalogue.models import ApiClient
from visualsearch.models import WebhookAttempt

pytestmark = pytest.mark.django_db

LIST = "/admin/visualsearch/webhookattempt/"


def test_the_list_says_what_was_answered_and_why_an_attempt_failed_in_the_readers_language(
    admin_client: Client,
) -> None:
    app = ApiClient.objects.create(name="Finder")
    error = Message.of("fetch.not_public").as_json()
    failed = WebhookAttempt.objects.create(client=app, batch=uuid4(), url="https://a.example/", number=1, error=error)
    WebhookAttempt.objects.create(client=app, batch=uuid4(), url="https://<b>.example/", number=1, status=204)

    page = admin_client.get(LIST)
    french = admin_client.get(LIST, headers={"Accept-Language": "fr"}, query_params={"q": str(failed.batch)})

    assert "The host is not on the public Internet." in page.content.decode()
    assert "Delivered (204)" in page.content.decode()
    assert "https://&lt;b&gt;.example/" in page.content.decode()
    assert "Remis (204)" not in french.content.decode()
    assert "L’hôte" in french.content.decode()


@pytest.mark.parametrize(
    ("query", "found"), [("failed=1", 1), ("failed=0", 1), ("failed=x", 2), ("q=nothing", 0), ("", 2)]
)
def test_attempts_are_found_by_result_and_batch(admin_client: Client, query: str, found: int) -> None:
    app = ApiClient.objects.create(name="Finder")
    for error in (None, Message.of("webhook.revoked").as_json()):
        WebhookAttempt.objects.create(client=app, batch=uuid4(), url="https://a.example/", number=1, error=error)

    page = admin_client.get(f"{LIST}?{query}", follow=True)

    assert len(page.context["cl"].result_list) == found
