"""Every page, in both languages, light and dark, on a desktop and on a phone: axe-core finds nothing to object to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article, FeedArticle, FeedFetch, ImportRefusal, ImportRun, ScheduledFeed
from tests.browser.axe import WCAG, violations
from tests.browser.layout import wait_for_picture
from tests.browser.photos import BLUE_TROUSERS
from tests.browser.search_page import OTHER_LABELS
from tests.catalogue.imports.handed_in import checked
from tests.factories import BrandFactory, CategoryFactory, PhotoFactory
from tests.visualsearch.catalogue import query_for
from visualsearch.models import DuplicateReport, NearDuplicate, SearchDay

pytestmark = [pytest.mark.django_db(transaction=True)]

# Django's own pages hold some of ours; its frame around them is not ours to judge.
OURS = "#content"


@pytest.fixture(params=["fr-dark-phone", "en-light-desktop", "en-dark-desktop", "fr-light-phone"])
def view(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    language, scheme, device = request.param.split("-")
    size = {"width": 1280, "height": 900} if device == "desktop" else {"width": 390, "height": 844}
    context = browser.new_context(
        locale="fr-FR" if language == "fr" else "en-GB",
        color_scheme=scheme,
        viewport=size,  # type: ignore[arg-type]  # a plain dict
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def language(view: Page) -> str:
    return "fr" if view.evaluate("navigator.language").startswith("fr") else "en"


@pytest.fixture
def address(live_server: LiveServer, language: str) -> Callable[..., str]:
    """Return the address of a page, in the language of the view."""

    def of(name: str, *args: object, query: str = "") -> str:
        with override(language):
            return f"{live_server.url}{reverse(name, args=args)}{query}"

    return of


def assert_none(found: dict[str, list[str]]) -> None:
    said = [f"{name}: {one}" for name, objections in found.items() for one in objections]
    assert not said, "\n".join(said)


def test_the_shop(view: Page, address: Callable[..., str], trousers: Article) -> None:
    trousers.brand = BrandFactory.create()
    trousers.description = "Straight, of cotton."
    trousers.sizes = ["S", "M"]
    trousers.save()
    PhotoFactory.create(article=trousers, position=2)
    assert trousers.category is not None
    token = query_for("#283cbe").token
    found = {}
    for name, url, there in (
        ("home", address("catalogue:home"), "h1"),
        ("articles", address("catalogue:articles"), ".card"),
        ("filtered", address("catalogue:articles", query="?colour=blue&price_max=100"), ".chips"),
        ("none", address("catalogue:articles", query="?q=xyz"), "h1"),
        ("category", address("catalogue:category", trousers.category.slug), ".card"),
        ("article", address("catalogue:article", trousers.slug, trousers.pk), ".gallery"),
        ("search", address("visualsearch:search"), ".drop"),
        ("results", address("visualsearch:search", query=f"?token={token}"), "#found"),
        ("filters", address("visualsearch:search", query=f"?token={token}&colour=blue&emphasis=0.6"), "#matches"),
        ("refused", address("visualsearch:search", query="?token=nonsense"), "#results h2"),
        ("not found", address("catalogue:home") + "nowhere/", "h1"),
    ):
        view.goto(url)
        expect(view.locator(there).first).to_be_visible()
        found[name] = violations(view)

    assert_none(found)


def test_what_scripts_show(view: Page, address: Callable[..., str], language: str, trousers: Article) -> None:
    for label in OTHER_LABELS:
        CategoryFactory.create(slug=label, name=label.capitalize())
    view.goto(address("visualsearch:search"))
    view.set_input_files("#photo", {"name": "p.png", "mimeType": "image/png", "buffer": BLUE_TROUSERS})
    expect(view.locator(".query-photo")).to_be_visible()
    view.locator(".change summary").click()
    assert violations(view) == []
    view.locator("[data-tool=frame]").click()
    view.locator("[data-editor=focus]").click()
    expect(view.locator(".veil")).to_be_visible()
    assert violations(view) == []
    view.locator("[data-editor=close]").click()
    if view.locator("[data-sheet-open]").is_visible():
        view.locator("[data-sheet-open]").click()
        expect(view.locator("[data-sheet]")).to_be_visible()
        assert violations(view) == []
    view.goto(address("visualsearch:search"))
    view.locator("#open-camera").click()
    expect(view.locator("[data-camera=shutter]")).to_be_enabled()
    assert violations(view) == []
    view.goto(address("catalogue:article", trousers.slug, trousers.pk))
    view.locator("[data-enlarge]").first.click()
    wait_for_picture(view.locator(".zoom-view img"))
    assert violations(view) == []
    view.goto(address("catalogue:articles"))
    view.locator("input[name=q]").press_sequentially("blu" if language == "en" else "bleu")
    expect(view.locator("#suggestions option").first).to_be_attached()
    assert violations(view) == []


def test_staffs_pages(view: Page, address: Callable[..., str], staff: Page, trousers: Article) -> None:
    view.context.add_cookies(staff.context.cookies())  # type: ignore[arg-type]  # as they came
    view.goto(address("admin:index"))
    found = {"dashboard without a search": violations(view, within=".doing")}
    SearchDay.objects.create(day=timezone.now().date(), close=18, none=2, durations={"43": 20})
    run = ImportRun.objects.create(name="shop.csv", size=1, state=ImportRun.State.CHECKED, created=3, refused=1)
    ImportRefusal.objects.create(run=run, line="2", sku="X", error={"code": "cell.empty", "params": {}})
    feed = ScheduledFeed.objects.create(name="Supplier", url="https://supplier.example/feed.xml", state="on")
    FeedArticle.objects.create(feed=feed, article=trousers, seen=0)
    FeedFetch.objects.create(feed=feed, state="asking", run=run, present=1, left=1)
    foreign = checked("Réf.;Prix TTC;Coloris;Visuel;Kode\nR-1;5;rouge|bleu;https://a.example/1.jpg;x\nR-2;cher;;;\n")
    twin = PhotoFactory.create()
    first = trousers.photos.get()
    NearDuplicate.objects.create(
        first=trousers, second=twin.article, first_photo=first, second_photo=twin, similarity=0.97, found=timezone.now()
    )
    DuplicateReport.objects.create(state="finished", looked_at=4)
    token = query_for("#283cbe").token
    for name, url, within in (
        ("dashboard", address("admin:index"), ".doing"),
        ("imports", address("admin:catalogue_importrun_add"), OURS),
        ("import", address("admin:catalogue_importrun_change", run.pk), OURS),
        ("feed", address("admin:catalogue_scheduledfeed_change", feed.pk), OURS),
        ("feed's settings", address("admin:catalogue_scheduledfeed_settings", feed.pk), "#content"),
        ("feeds", address("admin:catalogue_scheduledfeed_changelist"), "#content"),
        ("columns of an import", address("admin:catalogue_importrun_change", foreign.pk), OURS),
        ("by photo", address("admin:catalogue_article_by_photo"), OURS),
        ("found by photo", address("admin:catalogue_article_by_photo", query=f"?token={token}"), OURS),
        ("near-duplicates", address("admin:visualsearch_nearduplicate_changelist"), OURS),
        ("model versions", address("admin:visualsearch_modelversion_changelist"), "#content"),
        ("search problems", address("admin:visualsearch_modelfailure_changelist"), "#content"),
        ("partner apps", address("admin:catalogue_apiclient_changelist"), "#content"),
    ):
        view.goto(url)
        expect(view.locator(within).first).to_be_visible()
        found[name] = violations(view, within=within)
    view.goto(address("admin:catalogue_article_change", trousers.pk))
    # Django's table, with our cells: its headings and fields are as it makes them.
    found["article"] = violations(view, within="#photos-group", tags=WCAG)
    view.goto(address("admin:catalogue_article_add"))
    view.locator("#id_name").fill("Dress")
    view.locator("[name=_save]").first.click()
    expect(view.locator("#id_sku_client_error")).to_be_visible()
    found["article without a SKU"] = violations(view, within=".field-sku")
    view.locator("#id_sku").fill("D-9")
    view.locator("[name=_save]").first.click()
    expect(view.locator(".ask-photo")).to_be_visible()
    found["article without a photo"] = violations(view, within=".ask-photo")
    view.locator("#id_sku").fill(trousers.sku)
    view.set_input_files("#pile", {"name": "p.png", "mimeType": "image/png", "buffer": BLUE_TROUSERS})
    view.locator("[name=_save]").first.click()
    expect(view.locator(".error-summary")).to_be_visible()
    found["article that is refused"] = violations(view, within=".error-summary")
    found["photos that are kept"] = violations(view, within="#photos-group", tags=WCAG)
    # Leaving with a photo that is not saved asks.
    view.on("dialog", lambda dialog: dialog.accept())
    view.goto(address("admin:catalogue_article_changelist"))
    view.locator("#action-toggle").check()
    for action in ("change_prices", "change_category"):
        view.locator("select[name=action]").select_option(action)
        view.locator(".actions button").first.click()
        expect(view.locator(".many")).to_be_visible()
        found[action] = violations(view, within=OURS)
        view.go_back()

    assert_none(found)
