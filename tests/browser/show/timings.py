"""What pages weigh as they are sent, and how they appear on a slow phone.

The phone is Lighthouse's: 4 times slower than this machine, on slow 4G as its DevTools throttling makes it (1.6 Mbit/s
down, a round trip of 150 ms: https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md).
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser

from lab.harness.trial_shop import TrialShop
from tests.browser.show.visits import PHONE, SLOW_4G, pages_of

ROUNDS = 5
CPU_SLOWDOWN = 4
GOALS = {"first paint s": 1.8, "shift": 0.05, "page kB": 150, "script kB": 40}
OBSERVED = """
window.seen = { paint: null, shift: 0 };
new PerformanceObserver((list) => {
  for (const { name, startTime } of list.getEntries()) {
    if (name === "first-contentful-paint") window.seen.paint = startTime;
  }
}).observe({ type: "paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Loaded:
    """A page loaded once: kilobytes as sent by kind of resource, the largest script, first paint in s, layout shift."""

    sent: dict[str, float] = field(default_factory=dict)
    script: float = 0.0
    paint: float = 0.0
    shift: float = 0.0

    @property
    def page(self) -> float:
        return sum(size for kind, size in self.sent.items() if kind not in {"Image", "Media"})


def load(browser: Browser, address: str) -> Loaded:
    """Load a page on a slow phone whose cache is empty."""
    context = browser.new_context(viewport=PHONE, locale="en-GB")  # type: ignore[arg-type]  # a plain dict
    page = context.new_page()
    page.add_init_script(OBSERVED)
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW_4G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    kinds: dict[str, str] = {}
    loaded = Loaded()

    def begun(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"]

    def done(event: dict[str, Any]) -> None:
        kind, size = kinds.get(event["requestId"], "Other"), event["encodedDataLength"] / 1000
        loaded.sent[kind] = loaded.sent.get(kind, 0.0) + size
        if kind == "Script":
            loaded.script = max(loaded.script, size)

    devtools.on("Network.responseReceived", begun)
    devtools.on("Network.loadingFinished", done)
    page.goto(address, wait_until="networkidle", timeout=60_000)
    # As far as a shopper scrolls, so that what comes late may shift what is there.
    page.mouse.wheel(0, 1_500)
    page.wait_for_timeout(1_500)
    seen = page.evaluate("window.seen")
    loaded.paint, loaded.shift = seen["paint"] / 1000, seen["shift"]
    context.close()
    return loaded


def print_timings(browser: Browser, shop: TrialShop) -> None:
    print(
        f"On a slow phone: {CPU_SLOWDOWN} times slower than this machine, slow 4G, nothing cached; medians of {ROUNDS}"
    )
    print(
        f"{'page':<14}{'first paint s':>14}{'highest':>9}{'shift':>8}{'page kB':>9}{'script kB':>11}{'pictures kB':>13}"
    )
    for name, path in pages_of(shop).items():
        rounds = [load(browser, shop.address + path) for _ in range(ROUNDS)]
        paints = [one.paint for one in rounds]
        shift, weight = max(one.shift for one in rounds), max(one.page for one in rounds)
        script = max(one.script for one in rounds)
        pictures = max(one.sent.get("Image", 0.0) for one in rounds)
        print(
            f"{name:<14}{statistics.median(paints):>14.2f}{max(paints):>9.2f}{shift:>8.3f}{weight:>9.1f}{script:>11.1f}"
            f"{pictures:>13.1f}",
            flush=True,
        )
    print("goals: " + ", ".join(f"{name} under {goal:g}" for name, goal in GOALS.items()))
