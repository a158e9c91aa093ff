"""`benchmark imports`: time and memory of importing a large file of each format, and of importing it once more.

Every file is its format's template, one article a row, each with a number, a name and addresses of photos of its own.
The first import creates all articles; the second finds them unchanged. No picture is fetched.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from xml.sax.saxutils import escape

import openpyxl
from django.core.management.base import CommandParser, OutputWrapper

from catalogue.feeds.templates import TEMPLATES, Template
from lab.benchmarks.serving.machine import machine
from lab.harness.trial_shop import ROOT, TrialShop

HELP = "Time and memory of importing a large file of each format."
# One template of each reader; the others differ in language alone.
FILES = (
    "articles.csv", "articles.xlsx", "shopify.csv", "woocommerce.csv", "prestashop.csv", "magento.csv",
    "google-merchant.tsv", "google-merchant.xml", "meta.csv",
)  # fmt: skip
MB = 1024


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--rows", type=int, default=100_000, help="articles of a file (100000)")
    parser.add_argument("--files", nargs="+", choices=FILES, default=FILES, metavar="FILE", help=", ".join(FILES))


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    out.write(machine())
    out.write("")
    out.write(
        "| file | size, MB | first import, s | processor, s | memory, MB | unchanged, s | processor, s | memory, MB |"
    )
    out.write("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in options["files"]:
        with ShopWithoutWorkers() as shop:
            path = shop.data / name
            write_file(TEMPLATES[name], path, options["rows"])
            first, again = (imported(shop, path) for _ in range(2))
            found = shop.shell("from catalogue.models import Article; print(Article.objects.count())").split()[-1]
            if int(found) != options["rows"]:
                raise RuntimeError(f"Of {options['rows']} articles of {name} there are {found}.")
            numbers = [f"{path.stat().st_size / 1e6:.0f}"]
            numbers += [
                f"{value:.0f}" for one in (first, again) for value in (one.wall_s, one.processor_s, one.memory_mb)
            ]
            out.write(f"| `{name}` | {' | '.join(numbers)} |")


class ShopWithoutWorkers(TrialShop):
    """A shop with a database and a broker alone: no picture is fetched."""

    def __enter__(self) -> Self:
        self.prepare()
        self.start("broker")
        return self


@dataclass(frozen=True)
class Spent:
    """What an import took: seconds by the clock and of processors, and the most memory, resident."""

    wall_s: float
    processor_s: float
    memory_mb: float


def imported(shop: TrialShop, path: Path) -> Spent:
    """Import a file by the command. Raises RuntimeError if it ends in an error."""
    started = time.perf_counter()
    command = [sys.executable, "manage.py", "import_catalogue", str(path), "--verbosity", "0"]
    with (shop.data / "import.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=shop.environment, stderr=log)  # noqa: S603  (the project's own)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            log.seek(0)
            raise RuntimeError(f"The import of {path.name} failed: {log.read()[-1_000:]}")
    return Spent(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MB)


def write_file(template: Template, path: Path, rows: int) -> None:
    """Write a file of a format with so many articles."""
    if template.file.endswith(".xlsx"):
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(list(template.example))
        for cells in articles(template.example, rows):
            sheet.append(list(cells.values()))
        book.save(path)
    elif template.file.endswith(".xml"):
        head, tail = template.content().decode().split("<item>")[0], "</channel>\n</rss>\n"
        with path.open("w", encoding="utf-8") as file:
            file.write(head)
            for cells in articles(template.example, rows):
                item = "".join(f"<g:{name}>{escape(text)}</g:{name}>" for name, text in cells.items())
                file.write(f"<item>{item}</item>\n")
            file.write(tail)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=template.delimiter)
            writer.writerows([template.comments] if template.comments else [])
            writer.writerow(template.example)
            writer.writerows(list(cells.values()) for cells in articles(template.example, rows))


def articles(example: Mapping[str, str], rows: int) -> Iterator[dict[str, str]]:
    """Yield the cells of so many articles like the example, each with numbers, a name and photos of its own."""
    for number in range(rows):
        changed = {
            "D-0017": f"D-{number:06d}",
            "linen-summer-dress": f"linen-summer-dress-{number}",
            "Linen summer dress": f"Linen summer dress {number}",
            "pictures.example/": f"pictures.example/{number}/",
        }
        cells = dict(example)
        for name, text in example.items():
            for old, new in changed.items():
                cells[name] = cells[name].replace(old, new)
            if text == "17":
                cells[name] = str(number + 1)
            elif text.isdecimal() and len(text) == 13:
                # A barcode is one article's.
                cells[name] = ""
        yield cells
