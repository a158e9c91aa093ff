"""What axe-core finds, by page, language and colour scheme."""

from __future__ import annotations

from playwright.sync_api import Browser

from lab.harness.trial_shop import TrialShop
from tests.browser.axe import PRACTICE, WCAG, violations
from tests.browser.show.visits import DESKTOP, article_in_admin, log_in, pages_of


def print_accessibility(browser: Browser, shop: TrialShop) -> None:
    views = [(language, scheme) for language in ("en", "fr") for scheme in ("light", "dark")]
    print("Violations that axe-core finds (WCAG 2.2 AA and best practice)")
    print(f"{'page':<16}" + "".join(f"{language + ', ' + scheme:>12}" for language, scheme in views))
    staff = {
        "dashboard": ("/admin/", ".doing"),
        "import": ("/admin/catalogue/importrun/add/", "#content"),
        "by photo": ("/admin/catalogue/article/by-photo/", "#content"),
        "near-duplicates": ("/admin/visualsearch/nearduplicate/", "#content"),
        "versions": ("/admin/visualsearch/modelversion/", "#content"),
        "failures": ("/admin/visualsearch/modelfailure/", "#content"),
        "apps": ("/admin/catalogue/apiclient/", "#content"),
        "a new app": ("/admin/catalogue/apiclient/add/", "#content"),
        "photos": (article_in_admin(shop), "#photos-group"),
    }
    pages = {name: (path, "html") for name, path in pages_of(shop).items() if "," not in name} | staff
    counts: dict[str, list[int]] = {name: [] for name in pages}
    said: dict[str, None] = {}
    for language, scheme in views:
        context = browser.new_context(color_scheme=scheme, reduced_motion="reduce", viewport=DESKTOP)  # type: ignore[arg-type]  # plain values
        log_in(context, shop)
        page = context.new_page()
        for name, (path, within) in pages.items():
            page.goto(shop.address + ("/fr" + path if language == "fr" else path))
            # Django's table of photos, with our cells: its headings are as it makes them.
            found = violations(page, within=within, tags=WCAG if name == "photos" else (*WCAG, PRACTICE))
            counts[name].append(len(found))
            said |= dict.fromkeys(f"{name}: {one}" for one in found)
        context.close()
    for name, numbers in counts.items():
        print(f"{name:<16}" + "".join(f"{count:>12}" for count in numbers))
    for one in said:
        print(one)
