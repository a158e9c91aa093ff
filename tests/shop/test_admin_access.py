"""Who may do what in the admin: each page and each action has a line here, so a new one without a check is noticed."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.core import serializers

from tests.shop.admin_access import NO_PAGE, NOBODY, WHO, Walk, routes

pytestmark = pytest.mark.django_db

# A model's usual pages: who may see its rows, add, change and delete some, at the least.
MODELS = {
    "catalogue/article/": ("viewer", "catalogue", "catalogue", "catalogue"),
    "catalogue/category/": ("viewer", "catalogue", "catalogue", "catalogue"),
    "catalogue/brand/": ("viewer", "catalogue", "catalogue", "catalogue"),
    "catalogue/colour/": ("viewer", "catalogue", "catalogue", "catalogue"),
    "catalogue/synonymgroup/": ("viewer", "catalogue", "catalogue", "catalogue"),
    "catalogue/photosource/": ("viewer", NOBODY, NOBODY, "catalogue"),
    "catalogue/importrun/": ("viewer", "catalogue", "viewer", "catalogue"),
    "catalogue/scheduledfeed/": ("viewer", "catalogue", "viewer", "catalogue"),
    "catalogue/binnedarticle/": ("viewer", NOBODY, NOBODY, NOBODY),
    "catalogue/changeset/": ("viewer", NOBODY, "viewer", NOBODY),
    "catalogue/apiclient/": ("owner", "owner", "owner", "owner"),
    "visualsearch/pile/": ("catalogue", "catalogue", "catalogue", "catalogue"),
    "visualsearch/modelfailure/": ("viewer", NOBODY, NOBODY, "catalogue"),
    "visualsearch/webhookattempt/": ("owner", NOBODY, NOBODY, NOBODY),
    "visualsearch/labelmapping/": ("viewer", "catalogue", "catalogue", "catalogue"),
    "auth/user/": ("owner", "owner", "owner", "owner"),
    "auth/group/": ("owner", "owner", "owner", "owner"),
    # Own tokens; who may do nothing by the API makes none.
    "catalogue/apitoken/": ("staff", "viewer", NOBODY, "staff"),
    "axes/accessattempt/": ("owner", NOBODY, "owner", "owner"),
    "axes/accesslog/": ("owner", NOBODY, "owner", "owner"),
    "axes/accessfailurelog/": ("owner", NOBODY, "owner", "owner"),
}
# The other pages: who may open one (GET), and who may send it a form (POST).
PAGES = {
    "": ("staff", "staff"),
    "catalogue/article/look/": (NO_PAGE, "catalogue"),
    "catalogue/article/by-photo/": ("viewer", "viewer"),
    "catalogue/article/load-demo/": (NO_PAGE, "catalogue"),
    "catalogue/article/merge/<int:keep>/<int:gone>/": ("catalogue", "catalogue"),
    "catalogue/category/move/": ("catalogue", "catalogue"),
    "catalogue/category/children/<str:parent_id>/": ("viewer", "viewer"),
    "catalogue/changeset/<uuid:pk>/change/": ("viewer", "viewer"),
    "catalogue/changeset/<uuid:pk>/progress/": ("viewer", "viewer"),
    "catalogue/changeset/<uuid:pk>/cancel/": (NO_PAGE, "catalogue"),
    "catalogue/changeset/<uuid:pk>/undo/": ("catalogue", "catalogue"),
    "catalogue/importrun/template/<str:file>/": ("catalogue", "catalogue"),
    "catalogue/importrun/<int:pk>/change/": ("viewer", "viewer"),
    "catalogue/importrun/<int:pk>/progress/": ("viewer", "viewer"),
    "catalogue/importrun/<int:pk>/columns/": ("viewer", "catalogue"),
    "catalogue/importrun/<int:pk>/steer/": (NO_PAGE, "catalogue"),
    "catalogue/importrun/<int:pk>/refused.csv": ("viewer", "viewer"),
    "catalogue/scheduledfeed/<int:pk>/change/": ("viewer", "viewer"),
    "catalogue/scheduledfeed/<int:pk>/settings/": ("catalogue", "catalogue"),
    "catalogue/scheduledfeed/<int:pk>/progress/": ("viewer", "viewer"),
    "catalogue/scheduledfeed/<int:pk>/steer/": (NO_PAGE, "catalogue"),
    "catalogue/scheduledfeed/<int:pk>/left.csv": ("viewer", "viewer"),
    # Drafts are found for who sent them alone.
    "catalogue/article/drafts/": ("catalogue", "catalogue"),
    "catalogue/article/drafts/discard/": (NO_PAGE, "catalogue"),
    "catalogue/article/drafts/<uuid:pk>/": ("staff", "staff"),
    "visualsearch/pile/<int:pk>/change/": ("catalogue", "catalogue"),
    "visualsearch/pile/<int:pk>/progress/": ("catalogue", "catalogue"),
    "visualsearch/pile/<int:pk>/stop/": (NO_PAGE, "catalogue"),
    "visualsearch/pile/photo/<int:pk>.webp": ("catalogue", "catalogue"),
    "visualsearch/nearduplicate/": ("viewer", "viewer"),
    "visualsearch/nearduplicate/begin/": (NO_PAGE, "catalogue"),
    "visualsearch/nearduplicate/progress/": ("viewer", "viewer"),
    "visualsearch/nearduplicate/<int:pk>/settle/": (NO_PAGE, "catalogue"),
    "visualsearch/nearduplicate/<int:pk>/hide/<int:article>/": ("catalogue", "catalogue"),
    "visualsearch/nearduplicate/<int:pk>/bin/<int:article>/": ("catalogue", "catalogue"),
    "visualsearch/modelversion/": ("owner", "owner"),
    "visualsearch/modelversion/progress/": ("owner", "owner"),
    "visualsearch/modelversion/register/": (NO_PAGE, "owner"),
    "visualsearch/modelversion/back/": (NO_PAGE, "owner"),
    "visualsearch/modelversion/<int:pk>/steer/": (NO_PAGE, "owner"),
    "visualsearch/modelfailure/<int:pk>/photo/": ("viewer", "viewer"),
    "auth/user/<id>/password/": ("owner", "owner"),
    # One's own.
    "auth/user/second-factor/": ("staff", "staff"),
    "auth/user/second-factor/check/": ("staff", "staff"),
} | {
    start + page: (to_read, to_write)
    for start, (view, add, change, delete) in MODELS.items()
    for page, to_read, to_write in (
        ("", view, view),
        ("add/", add, add),
        ("<path:object_id>/history/", view, view),
        ("<path:object_id>/delete/", delete, delete),
        ("<path:object_id>/change/", view, change),
    )
}
ACTIONS = {
    "catalogue.article": {
        "publish": "catalogue", "hide": "catalogue", "change_prices": "catalogue", "change_category": "catalogue",
        "confirm": "catalogue", "merge": "catalogue", "propose": "catalogue", "try_photos_again": "catalogue",
        "embed_photos_again": "catalogue", "delete_selected": "catalogue",
    },
    "catalogue.category": {"delete_selected": "catalogue"},
    "catalogue.brand": {"delete_selected": "catalogue"},
    "catalogue.colour": {"delete_selected": "catalogue"},
    "catalogue.synonymgroup": {"delete_selected": "catalogue"},
    "catalogue.photosource": {"try_again": "catalogue", "delete_selected": "catalogue"},
    "catalogue.importrun": {"delete_selected": "catalogue"},
    "catalogue.scheduledfeed": {"delete_selected": "catalogue"},
    "visualsearch.pile": {"delete_selected": "catalogue"},
    "catalogue.binnedarticle": {"restore": "catalogue", "purge": "catalogue"},
    "catalogue.changeset": {},
    "catalogue.apiclient": {"change_keys": "owner", "change_webhook_secrets": "owner", "delete_selected": "owner"},
    "visualsearch.nearduplicate": {},
    "visualsearch.modelversion": {},
    "visualsearch.modelfailure": {"export": "viewer", "delete_selected": "catalogue"},
    "visualsearch.webhookattempt": {},
    "visualsearch.labelmapping": {"delete_selected": "catalogue"},
    "auth.user": {"reset_second_factor": "owner", "delete_selected": "owner"},
    "auth.group": {"delete_selected": "owner"},
    "catalogue.apitoken": {"delete_selected": "staff"},
    "axes.accessattempt": {"cleanup_expired_attempts": "owner", "delete_selected": "owner"},
    "axes.accesslog": {"delete_selected": "owner"},
    "axes.accessfailurelog": {"delete_selected": "owner"},
}  # fmt: skip


@pytest.fixture
def walk() -> Walk:
    return Walk.begin()


def test_each_page_says_here_who_may_open_it(walk: Walk) -> None:
    unknown = [route for route in routes() if route not in PAGES]

    observed = "\n".join(f'"{route}": {(walk.least(route, "GET"), walk.least(route, "POST"))},' for route in unknown)
    assert not unknown, f"Judge these, and add them to the tables:\n{observed}"
    assert set(PAGES) == set(routes())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_page_lets_through_who_may_open_it_and_nobody_below(walk: Walk, method: str) -> None:
    wrong = []
    for route in routes():
        least = PAGES.get(route, (NO_PAGE, NO_PAGE))[method == "POST"]
        if least == NO_PAGE:
            continue
        below = WHO[-1] if least == NOBODY else WHO[WHO.index(least) - 1] if least != WHO[0] else None
        if below and walk.allowed(below, route, method):
            wrong.append(f"{method} {route} lets {below} through, and is for {least}")
        if least != NOBODY and not walk.allowed(least, route, method):
            wrong.append(f"{method} {route} refuses {least}")

    assert not wrong, "\n".join(wrong)


def test_each_action_is_offered_to_who_may_choose_it(walk: Walk) -> None:
    offered = {model._meta.label_lower: walk.actions(page) for model, page in admin.site._registry.items()}

    assert offered == ACTIONS


def test_an_action_that_is_not_offered_does_nothing(walk: Walk) -> None:
    for model, page in admin.site._registry.items():
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        before = stored(model)
        for action, least in ACTIONS.get(model._meta.label_lower, {}).items():
            sent = {
                "action": action,
                "_selected_action": list(model._default_manager.values_list("pk", flat=True)),
                "post": "yes", "apply": "yes", "how": "to", "value": "1", "category": "1",
            }  # fmt: skip
            if least == WHO[0]:
                continue
            below = WHO[WHO.index(least) - 1]
            walk.clients[below].post(address, sent)
        assert stored(model) == before, page


def stored(model: Any) -> str:
    rows: str = serializers.serialize("json", model._default_manager.order_by("pk"))
    return rows
