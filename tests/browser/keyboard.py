"""Where the keyboard's focus is."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.layout import wait_until_drawn


def expect_focus(control: Locator) -> None:
    """Expect a control to have the focus, and to keep it.

    A browser takes the focus from what cannot have it at once or at the next frame.
    """
    expect(control).to_be_focused()
    wait_until_drawn(control.page)
    expect(control).to_be_focused()


class HeldRequests:
    """Requests of a page that are not answered until they are let go."""

    def __init__(self, page: Page, pattern: str | re.Pattern[str]) -> None:
        self.routes: list[Route] = []
        self.held = True
        page.route(pattern, self.take)

    def take(self, route: Route) -> None:
        if self.held:
            self.routes.append(route)
        else:
            route.continue_()

    def let_go(self) -> None:
        """Answer those that wait, and from now on all others at once."""
        self.held = False
        for route in self.routes:
            route.continue_()
