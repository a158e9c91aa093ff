"""A walk over all pages and actions of the admin, as each member of the staff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import URLResolver
from django.utils import timezone

from catalogue import roles
from catalogue.models import (
    ApiClient,
    ApiToken,
    BinnedArticle,
    ChangeSet,
    Colour,
    ImportRun,
    PhotoSource,
    ScheduledFeed,
    SynonymGroup,
)
from catalogue.roles import Role
from tests.factories import PhotoFactory
from visualsearch.models import LabelMapping, ModelFailure, ModelVersion, NearDuplicate, Pile, WebhookAttempt

# From the least to the most; "staff" has no role.
WHO = ("staff", "viewer", "catalogue", "owner", "superuser")
NOBODY, NO_PAGE = "nobody", "–"
# Django's own, which each member of the staff may open: they check what they show by themselves.
OF_DJANGO = (
    "login/", "logout/", "password_change/", "password_change/done/", "autocomplete/", "jsi18n/",
    "r/<path:content_type_id>/<path:object_id>/", "catalogue/category/jsi18n/",
)  # fmt: skip
PLACEHOLDER = re.compile(r"<(?:\w+:)?\w+>")


def users() -> dict[str, User]:
    """Return one user of each kind."""
    made = {name: User.objects.create_user(name, is_staff=True) for name in WHO[:-1]}
    for role in Role:
        roles.give_role(made[role.value], role)
    return {**made, "superuser": User.objects.create_superuser("superuser")}


def rows() -> dict[str, Any]:
    """Return a row of each model that has pages of its own, by the beginning of their addresses."""
    photo, other = PhotoFactory.create(), PhotoFactory.create()
    gone = PhotoFactory.create().article
    gone.delete()
    article, app = photo.article, ApiClient.objects.create(name="app")
    somebody = User.objects.create_user("somebody")
    version = ModelVersion.objects.create(name="other", version="1", dimensions=384, state=ModelVersion.State.READY)
    made: list[Any] = [
        article,
        article.category,
        article.brand,
        Colour.objects.create(name="Red", slug="red"),
        SynonymGroup.objects.create(words="poncho, ruana"),
        PhotoSource.objects.create(article=article, url="https://pictures.example/a.jpg", position=1),
        ImportRun.objects.create(name="a.csv", size=1),
        app,
        ApiToken.issue(somebody, "stock")[0],
        ScheduledFeed.objects.create(name="Supplier", url="https://supplier.example/feed.csv"),
        Pile.objects.create(by=somebody),
        BinnedArticle.objects.get(pk=gone.pk),
        ChangeSet.objects.create(how=ChangeSet.How.FORM),
        version,
        NearDuplicate.objects.create(
            first=article, second=other.article, first_photo=photo, second_photo=other, similarity=0.97,
            found=timezone.now(),
        ),
        LabelMapping.objects.create(label="dress", category=article.category),
        ModelFailure.objects.create(version=version, kind="unsure", vector=b"", photo="given.webp"),
        WebhookAttempt.objects.create(client=app, batch=uuid4(), url="https://app.example/", number=1),
        Group.objects.create(name="weekend"),
        AccessAttempt.objects.create(username="somebody", ip_address="198.51.100.7", failures_since_start=1),
        AccessLog.objects.create(username="somebody", ip_address="198.51.100.7"),
        AccessFailureLog.objects.create(username="somebody", ip_address="198.51.100.7"),
        somebody,
    ]  # fmt: skip
    return {f"{row._meta.app_label}/{row._meta.model_name}/": row for row in made}


def routes() -> Iterator[str]:
    """Yield the route of each page of the admin, as in "catalogue/article/<path:object_id>/change/"."""
    seen = set(OF_DJANGO)
    for route in _routes(admin.site.get_urls(), ""):
        # Redirects of Django's old addresses, its list of an app, and its 404.
        if route in seen or route.endswith("/<path:object_id>/") or "(?P<" in route:
            continue
        seen.add(route)
        yield route


def _routes(patterns: list[Any], before: str) -> Iterator[str]:
    for pattern in patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


@dataclass
class Walk:
    """The staff, each logged in, in a shop with a row of each kind."""

    staff: dict[str, User]
    clients: dict[str, Client]
    rows: dict[str, Any]

    @classmethod
    def begin(cls) -> Walk:
        staff = users()
        clients = {who: Client() for who in staff}
        for who, user in staff.items():
            clients[who].force_login(user)
        return cls(staff, clients, rows())

    def allowed(self, who: str, route: str, method: str) -> bool | None:
        """Return whether somebody is let through to a page; None if there is none for the method. Changes nothing."""
        row = next((row for start, row in self.rows.items() if route.startswith(start)), None)
        address = "/admin/" + PLACEHOLDER.sub(str(row.pk) if row else "1", route)
        with transaction.atomic():
            status = self.clients[who].generic(method, address).status_code
            transaction.set_rollback(True)
        return None if status == 405 else status != 403

    def least(self, route: str, method: str) -> str:
        """Return the least of the staff who are let through, "nobody", or "–" if there is no such page."""
        answers = {who: self.allowed(who, route, method) for who in WHO}
        if None in answers.values():
            return NO_PAGE
        return next((who for who in WHO if answers[who]), NOBODY)

    def actions(self, page: Any) -> dict[str, str]:
        """Return each action of a list, with the least of the staff who can choose it."""
        offered: dict[str, str] = {}
        for who, user in self.staff.items():
            request = RequestFactory().get("/admin/")
            request.user = User.objects.get(pk=user.pk)
            if page.has_view_permission(request):
                offered = {**dict.fromkeys(page.get_actions(request), who), **offered}
        return offered
