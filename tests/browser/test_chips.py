"""Chips keep their words whole, and no page is wider than the screen, whatever the shop calls its categories."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalogue.models import Article, Category
from tests.browser.layout import sticks_out
from tests.browser.photos import BLUE_TROUSERS
from tests.browser.search_page import OTHER_LABELS
from tests.factories import ArticleFactory, CategoryFactory, ColourFactory, PhotoFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

NAMES = (
    "Sous-vêtements thermorégulateurs",
    "Combinaisons-pantalons imperméabilisées",
    "Robes de cérémonie extraordinaires",
)
# Words of a chip that stand on more than one line, or are cut off.
BROKEN = """() => [...document.querySelectorAll(".chip, .tags li, .colour-choices a, .button")].flatMap((chip) => {
  if (!chip.checkVisibility()) return [];
  const box = chip.getBoundingClientRect();
  const walker = document.createTreeWalker(chip, NodeFilter.SHOW_TEXT);
  const broken = [];
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (text.parentElement.closest(".hidden")) continue;
    for (const word of text.data.matchAll(/[^\\s-]+-?/g)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const rects = [...range.getClientRects()].filter(({ width }) => width > 0);
      const lines = new Set(rects.map(({ top }) => Math.round(top)));
      if (lines.size > 1 || rects.some(({ left, right }) => left < box.left - 1 || right > box.right + 1)) {
        broken.push(`${word[0]} in ${chip.textContent.trim()}`);
      }
    }
  }
  return broken;
})"""


@pytest.fixture
def long_names(trousers: Article) -> Article:
    """The shop, whose categories have long French names."""
    for category, name in zip(Category.objects.order_by("pk"), NAMES, strict=True):
        category.name_fr = name
        category.save()
    for number, label in enumerate(OTHER_LABELS):
        CategoryFactory.create(slug=label, name=label, name_fr=NAMES[number % len(NAMES)])
    trousers.colours.set([ColourFactory.create(name="Blue", name_fr="Bleu électroluminescent")])
    trousers.style_number = "P"
    trousers.sizes = ["34/36", "Taille unique", "Grande taille confortable"]
    trousers.save()
    other = ArticleFactory.create(
        name="Other", style_number="P", stock=0, colours=[ColourFactory.create(name_fr="Vert phosphorescent")]
    )
    PhotoFactory.create(article=other)
    return trousers


@pytest.mark.parametrize("text", [1, 2])
@pytest.mark.parametrize("width", [320, 390])
def test_no_word_of_a_chip_is_broken_and_nothing_sticks_out(
    page: Page, live_server: LiveServer, long_names: Article, width: int, text: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.add_init_script(
        f"addEventListener('DOMContentLoaded', () => {{ document.documentElement.style.fontSize = '{16 * text}px'; }})"
    )
    category = long_names.category
    assert category is not None
    base = f"{live_server.url}/fr"
    for path in (
        "/", "/articles/", f"/articles/?category={category.slug}&price_max=100&in_stock=true", "/articles/?q=xyz",
        long_names.get_absolute_url(), category.get_absolute_url(), "/wish-list/", "/nowhere/", "/search/apps/",
        "/search/", "/search/?token=nonsense",
    ):  # fmt: skip
        page.goto(base + path)
        expect(page.locator("h1").first).to_be_visible()
        assert sticks_out(page) == 0, path
        assert page.evaluate(BROKEN) == [], path
    page.goto(f"{base}/search/")
    page.set_input_files("#photo", {"name": "p.png", "mimeType": "image/png", "buffer": BLUE_TROUSERS})
    expect(page.locator("#matches li").first).to_be_visible()
    page.locator(".change summary").click()
    assert (sticks_out(page), page.evaluate(BROKEN)) == (0, [])
    page.locator("[data-sheet-open]").click()
    page.locator(f"[data-category={category.slug}]").click()
    expect(page.locator("#found .chips")).to_be_visible()
    assert (sticks_out(page), page.evaluate(BROKEN)) == (0, [])
    page.locator("[data-sheet-close]").first.click()
    assert (sticks_out(page), page.evaluate(BROKEN)) == (0, [])
