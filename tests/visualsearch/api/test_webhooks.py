"""An app is told of the end of its batch by a signed POST to an address that it gave with the batch."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import trustme
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalogue.imaging import FetchPolicy
from catalogue.models import ApiClient
from tests.catalogue.api.conftest import client_of
from tests.catalogue.imaging.web_servers import Server, redirecting_to, send, serving
from tests.docs.documents import code_blocks
from tests.visualsearch.api.handing_in import hand_in, look_through, partner_client
from tests.visualsearch.api.sending import assert_problem
from tests.visualsearch.catalogue import shopper_photo
from visualsearch.models import BatchWebhook, WebhookAttempt
from visualsearch.services import webhooks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle")]

URL = "https://app.example/hook"


@pytest.fixture
def secret(partner: Client) -> str:
    answer = partner.post("/api/webhook-secret")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    return str(answer.json()["secret"])


@contextmanager
def receiver(answer: Any = send) -> Iterator[tuple[Server, FetchPolicy]]:
    """Yield a real https server on this machine, and a policy that reaches it, under the name app.example."""
    authority = trustme.CA()
    theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("app.example").configure_cert(theirs)
    authority.configure_trust(ours)
    with serving(answer, theirs) as server:
        yield server, server.reach(resolve=lambda host, port: ["127.0.0.1"], tls=ours)


def finished(partner: Client, server: Server | None = None, photos: int = 1) -> Any:
    """Return the answer to a batch that has ended; its webhook leads to the server."""
    begun = hand_in(partner, [shopper_photo("#b00020")] * photos, webhook=URL)
    assert begun.status_code == 202, begun.json()
    if server is not None:
        BatchWebhook.objects.update(url=f"https://app.example:{server.port}/hook")
    look_through(begun)
    return begun


def webhook_of(partner: Client, begun: Any) -> dict[str, Any]:
    stated: dict[str, Any] = partner.get(begun.headers["Location"]).json()["webhook"]
    return stated


def verify_of_the_documentation() -> Any:
    (block,) = [block for block in code_blocks("docs/api.md", "python") if "webhook-signature" in block]
    names: dict[str, Any] = {}
    exec(block, names)
    return names["is_from_the_shop"]


def test_the_end_of_a_batch_is_told_and_signed_as_the_documentation_says(partner: Client, secret: str) -> None:
    with receiver() as (server, policy):
        begun = finished(partner, server, photos=2)
        before = webhook_of(partner, begun)
        made = webhooks.deliver_due(policy=policy)

    ((path, headers),), (body,) = server.asked, server.bodies
    told = json.loads(body)
    batch = partner.get(begun.headers["Location"]).json()
    verify = verify_of_the_documentation()
    assert (begun.json()["webhook"]["status"], before["status"], batch["webhook"]["status"]) == (
        "waiting", "pending", "delivered",
    )  # fmt: skip
    assert (made, path, headers["content-type"]) == (1, "/hook", "application/json")
    assert told["type"] == "batch.finished"
    assert told["data"] == {
        "id": batch["id"], "state": "finished", "photos": 2, "done": 2, "failed": 0,
        "results": f"http://testserver{batch['results']}",
    }  # fmt: skip
    assert verify(secret, headers, body)
    assert not verify(secret, headers, body + b" ")
    assert not verify(secret, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}, body)
    assert webhooks.deliver_due(policy=policy) == 0


def test_what_is_not_taken_is_sent_again_for_hours_with_the_same_id(partner: Client, secret: str) -> None:
    with receiver(lambda handler: send(handler, b"", 500)) as (server, policy):
        begun = finished(partner, server)
        waits = []
        for _attempt in range(len(webhooks.DELAYS_S) + 1):
            webhooks.deliver_due(policy=policy)
            due = BatchWebhook.objects.get().due
            waits.append(round((due - timezone.now()).total_seconds()) if due else None)
            BatchWebhook.objects.filter(due__isnull=False).update(due=timezone.now())

    stated = webhook_of(partner, begun)
    assert waits == [*webhooks.DELAYS_S, None]
    assert len({headers["webhook-id"] for _, headers in server.asked}) == len(set(server.bodies)) == 1
    assert (stated["status"], stated["attempts"], stated["next_attempt"]) == ("failed", 8, None)
    assert stated["last_error"]["code"] == "webhook.status"
    assert "500" in stated["last_error"]["detail"]


@pytest.mark.parametrize("status", [301, 307, 404])
def test_a_redirect_is_not_followed(partner: Client, secret: str, status: int) -> None:
    with receiver(redirecting_to(URL, status)) as (server, policy):
        begun = finished(partner, server)
        webhooks.deliver_due(policy=policy)

    assert len(server.asked) == 1
    assert webhook_of(partner, begun)["status"] == "pending"


def test_an_address_that_is_gone_is_not_asked_again(partner: Client, secret: str) -> None:
    with receiver(lambda handler: send(handler, b"", 410)) as (server, policy):
        begun = finished(partner, server)
        webhooks.deliver_due(policy=policy)

    assert (webhook_of(partner, begun)["status"], webhook_of(partner, begun)["attempts"]) == ("failed", 1)


def test_the_shops_own_network_is_not_reached_and_not_described(partner: Client, secret: str) -> None:
    texts = set()
    with receiver() as (server, _policy):
        begun = finished(partner, server)
        for changed in (FetchPolicy().allow, lambda address: False, None):
            BatchWebhook.objects.update(due=timezone.now())
            inner = server.reach(resolve=lambda host, port: ["127.0.0.1"], **({"allow": changed} if changed else {}))
            webhooks.deliver_due(policy=inner)
            texts.add(webhook_of(partner, begun)["last_error"]["detail"])

    # The last one was refused since nobody vouches for its certificate.
    assert (server.asked, len(texts)) == ([], 1)


def test_each_attempt_is_logged_with_its_cause_and_the_next_one_and_no_secret(partner: Client, secret: str) -> None:
    answers = iter([500, 204])
    with receiver(lambda handler: send(handler, b"", next(answers))) as (server, policy):
        begun = finished(partner, server)
        BatchWebhook.objects.update(url=f"https://app.example:{server.port}/hook?key=hidden#part")
        inner = server.reach(resolve=lambda host, port: ["127.0.0.1"], allow=lambda address: False)
        webhooks.deliver_due(policy=inner)
        for _again in range(2):
            BatchWebhook.objects.update(due=timezone.now())
            webhooks.deliver_due(policy=policy)

    log = list(WebhookAttempt.objects.order_by("pk"))
    assert [(row.number, row.status, row.error and row.error["code"]) for row in log] == [
        (1, 0, "fetch.not_public"), (2, 500, "webhook.status"), (3, 204, None),
    ]  # fmt: skip
    assert [row.next_attempt is None for row in log] == [False, False, True]
    assert {(str(row.batch), row.url) for row in log} == {
        (begun.json()["id"], f"https://app.example:{server.port}/hook")
    }
    partner.delete(begun.headers["Location"])
    assert WebhookAttempt.objects.count() == 3


def test_of_each_app_the_last_attempts_are_kept(partner: Client, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WebhookAttempt, "MAX_ATTEMPTS", 2)
    other = ApiClient.objects.create(name="Other", key_sha256="other")
    client = ApiClient.objects.exclude(pk=other.pk).get()
    for number in range(4):
        WebhookAttempt.objects.create(client=client, batch=uuid4(), url=URL, number=number)
        WebhookAttempt.objects.create(client=other, batch=uuid4(), url=URL, number=number)

    WebhookAttempt.keep_newest(client.pk)

    kept = WebhookAttempt.objects.order_by("pk")
    assert list(kept.filter(client=client).values_list("number", flat=True)) == [2, 3]
    assert kept.filter(client=other).count() == 4


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example/", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/", "https://app.example:8443/",
        "https://me:secret@app.example/", "ftp://app.example/", "app.example", "https://",
        "https://a.example/" + "a" * 2000,
        "https://169.254.169.254/latest", "https://0x7f000001/", "https://2130706433/",
    ],
)  # fmt: skip
def test_an_address_that_can_have_no_webhook_is_refused_at_once(partner: Client, secret: str, url: str) -> None:
    answer = hand_in(partner, [shopper_photo("#b00020")], webhook=url)

    if answer.status_code == 202:
        # A name for the resolver, which the guard refuses as it is asked.
        webhooks_made = look_through(answer) and webhooks.deliver_due()
        assert (webhooks_made, webhook_of(partner, answer)["last_error"]["code"]) == (1, "webhook.unreachable")
    else:
        assert list(assert_problem(answer, 400, "invalid")["errors"]) == ["webhook"]
        assert not BatchWebhook.objects.exists()


@pytest.mark.parametrize("webhook", [False, 0, [], {}])
def test_a_webhook_that_is_no_text_is_refused_and_not_ignored(partner: Client, secret: str, webhook: Any) -> None:
    body = {"urls": ["https://pictures.example/a.jpg"], "webhook": webhook}

    answer = partner.post("/api/batches", body, content_type="application/json")

    assert list(assert_problem(answer, 400, "invalid")["errors"]) == ["webhook"]


def test_a_webhook_needs_a_secret_and_a_key(partner: Client) -> None:
    staff = client_of(User.objects.create_superuser("staff"))

    without = hand_in(partner, [shopper_photo("#b00020")], webhook=URL)
    by_staff = hand_in(staff, [shopper_photo("#b00020")], webhook=URL)

    assert "POST /api/webhook-secret" in assert_problem(without, 400, "invalid")["errors"]["webhook"][0]
    assert "API key" in assert_problem(by_staff, 400, "invalid")["errors"]["webhook"][0]
    assert staff.post("/api/webhook-secret").status_code == 401
    assert Client().post("/api/webhook-secret").status_code == 401


def test_a_new_secret_and_the_one_before_both_sign_for_a_day(partner: Client, secret: str) -> None:
    verify = verify_of_the_documentation()
    new = partner.post("/api/webhook-secret").json()["secret"]
    with receiver() as (server, policy):
        finished(partner, server)
        webhooks.deliver_due(policy=policy)
        ApiClient.objects.update(webhook_secret_changed=timezone.now() - timedelta(days=1, seconds=1))
        finished(partner, server)
        webhooks.deliver_due(policy=policy)

    (_, first), (_, later) = server.asked
    assert [verify(one, first, server.bodies[0]) for one in (new, secret)] == [True, True]
    assert [verify(one, later, server.bodies[1]) for one in (new, secret)] == [True, False]
    assert new != secret


def test_a_cancelled_batch_is_told_too_and_a_deleted_one_is_not(partner: Client, secret: str) -> None:
    with receiver() as (server, policy):
        cancelled = hand_in(partner, [shopper_photo("#b00020")], webhook=URL)
        BatchWebhook.objects.update(url=f"https://app.example:{server.port}/hook")
        partner.post(f"{cancelled.headers['Location']}/cancel")
        deleted = finished(partner)
        partner.delete(deleted.headers["Location"])
        webhooks.deliver_due(policy=policy)

    assert [json.loads(body)["type"] for body in server.bodies] == ["batch.cancelled"]


def test_a_client_that_is_revoked_or_deleted_is_told_nothing(partner: Client, secret: str) -> None:
    with receiver() as (server, policy):
        finished(partner, server)
        ApiClient.objects.update(revoked=True)
        webhooks.deliver_due(policy=policy)
        state = BatchWebhook.objects.get().state
        ApiClient.objects.all().delete()

    assert (server.asked, state, BatchWebhook.objects.exists()) == ([], "failed", False)


def test_a_slow_client_holds_up_no_other(partner: Client, secret: str) -> None:
    other = partner_client()
    other.post("/api/webhook-secret")
    with receiver() as (server, policy):
        for _batch in range(5):
            finished(partner, server)
        finished(other, server)
        made = webhooks.deliver_due(policy=policy)

    assert (made, BatchWebhook.objects.filter(state="delivered").count()) == (5, 5)
    assert BatchWebhook.objects.get(state="pending").client.name == "Finder"
    assert settings.VERSION in server.asked[0][1]["user-agent"]
