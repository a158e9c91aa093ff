"""What each role sees in the browser, and the switch of language in the admin's header."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue import imports
from catalogue.roles import Role, give_role
from tests.browser.axe import violations
from tests.catalogue.imports.handed_in import handed_in
from tests.factories import PhotoFactory

pytestmark = [pytest.mark.django_db(transaction=True)]

LIST = "/admin/catalogue/article/"
TABLE = "sku,name,category\nA-1,One,Tops\n"


@pytest.fixture
def page_of(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Return a page on which somebody with a role is logged in, in a browser of a language and size."""
    contexts = []

    def open_page(role: Role, *, locale: str = "en-GB", phone: bool = False) -> Page:
        user = User.objects.create_user(f"{role}-{locale}-{phone}", is_staff=True)
        give_role(user, role)
        client = Client()
        client.force_login(user)
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = browser.new_context(locale=locale, viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]  # a plain dict
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def test_each_role_sees_its_own_list_of_products_and_its_import(
    page_of: Callable[..., Page], live_server: LiveServer
) -> None:
    PhotoFactory.create()
    run = handed_in(TABLE)
    imports.run_slice(run.pk, for_s=60)

    for role, works in ((Role.VIEWER, False), (Role.CATALOGUE, True), (Role.OWNER, True)):
        page = page_of(role)
        page.goto(live_server.url + LIST)
        expect(page.locator(".addlink")).to_have_count(int(works))
        expect(page.locator("select[name=action]")).to_have_count(int(works))
        expect(page.locator(".role-note")).to_have_count(int(not works))
        page.goto(f"{live_server.url}/admin/catalogue/importrun/{run.pk}/change/")
        expect(page.get_by_role("heading", name="Checked").first).to_be_visible()
        expect(page.get_by_role("button", name="Import now")).to_have_count(int(works))
        page.goto(f"{live_server.url}/admin/catalogue/importrun/add/")
        expect(page.locator("#id_file")).to_have_count(int(works))
        expect(page.get_by_role("heading", name="You can’t do this")).to_have_count(int(not works))


def test_the_language_is_switched_on_the_page_and_stays(page_of: Callable[..., Page], live_server: LiveServer) -> None:
    page = page_of(Role.CATALOGUE, locale="fr-FR")
    page.goto(f"{live_server.url}{LIST}?q=robe")
    expect(page.locator("html")).to_have_attribute("lang", "fr")

    page.get_by_role("button", name="English").press("Enter")

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(f"{live_server.url}{LIST}?q=robe")
    page.goto(f"{live_server.url}/admin/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    # A bookmark of before.
    page.goto(f"{live_server.url}/fr{LIST}")
    expect(page).to_have_url(live_server.url + LIST)
    expect(page.locator("html")).to_have_attribute("lang", "fr")


@pytest.mark.parametrize(("locale", "phone"), [("en-GB", False), ("fr-FR", True)])
def test_pages_of_roles_are_accessible_and_fit(
    page_of: Callable[..., Page], live_server: LiveServer, locale: str, phone: bool
) -> None:
    PhotoFactory.create()
    found = {}
    pages = {role: page_of(role, locale=locale, phone=phone) for role in (Role.VIEWER, Role.OWNER)}
    for role, path, parts in (
        (Role.VIEWER, LIST, ("#header", ".role-note")),
        (Role.VIEWER, f"{LIST}add/", ("#header", "#content")),
        (Role.OWNER, "/admin/auth/user/add/", ("#header", ".form-row.field-role")),
    ):
        page = pages[role]
        page.goto(live_server.url + path)
        for part in parts:
            expect(page.locator(part).first).to_be_visible()
            found[f"{path} {part}"] = violations(page, within=part)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/admin/login/")
    found["login"] = violations(page, within="#header") + violations(page, within=".forgotten")

    assert [f"{name}: {one}" for name, objections in found.items() for one in objections] == []
