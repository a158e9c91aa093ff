"""The pages as people see them, of a real shop with the demo's articles: `make show`.

Starts the shop's processes on a folder of their own, draws the demo, and then, in Chromium:
- writes screenshots of states into docs/pages/;
- prints what each page weighs as it is sent, and how it appears on a slow phone;
- prints what axe-core finds, by page, language and colour scheme.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from lab.harness.trial_shop import ROOT
from tests.browser.show.accessibility import print_accessibility
from tests.browser.show.screenshots import take_screenshots
from tests.browser.show.timings import print_timings
from tests.browser.show.visits import chromium, demo_shop


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.show", description=__doc__.split("\n")[0])
    parser.add_argument("--only", choices=["screenshots", "timings", "accessibility"])
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "pages", help="of the screenshots")
    options = parser.parse_args()
    with demo_shop() as shop, chromium() as browser:
        if options.only in {None, "screenshots"}:
            take_screenshots(browser, shop, options.folder)
            print(f"Screenshots: {options.folder}")
        if options.only in {None, "timings"}:
            print_timings(browser, shop)
        if options.only in {None, "accessibility"}:
            print_accessibility(browser, shop)


if __name__ == "__main__":
    main()
