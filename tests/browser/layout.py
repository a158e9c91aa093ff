"""What a page looks like, in numbers."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def sticks_out(page: Page) -> int:
    """Return how many pixels a page is wider than its window."""
    over: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return over


def wait_until_drawn(page: Page) -> None:
    """Wait for two frames: what was changed before them has been laid out and shown."""
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def wait_for_picture(picture: Locator) -> None:
    """Wait until a picture is seen, and has its size: before that, its text takes its place."""
    expect(picture).to_be_visible()
    # Decoding fails where a larger rendition takes the place of the one that is being decoded.
    picture.evaluate(
        """async picture => {
          for (;;) {
            const address = picture.src;
            try {
              return await picture.decode();
            } catch (error) {
              if (picture.src === address) throw error;
            }
          }
        }"""
    )


def wait_for_pictures(page: Page) -> None:
    """Have every picture of a page loaded, those too that are loaded as one scrolls, and wait until it is there."""
    page.evaluate(
        """async () => {
          const pictures = [...document.images].filter((picture) => picture.currentSrc || picture.src);
          for (const picture of pictures) picture.loading = "eager";
          await Promise.allSettled(pictures.map((picture) => picture.decode()));
        }"""
    )
