"""`benchmark pages`: processor time and statements of each kind of page, in shops of several sizes.

The articles are those of `benchmark text`, with four photos, three sizes, prices in two currencies, and a second
category for each twentieth: rows alone, without files or vectors. Pages are requested in process, through all of the
middleware. Times are medians of processor time, by which machines that are shared compare best; with PostgreSQL, whose
server is another process, of elapsed time. There, a last table has the processor time of lists and facets on both
sides, with a new connection for each request and with one of the web server's pool.
"""

from __future__ import annotations

import io
import json
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from django.core.management.base import CommandError, CommandParser, OutputWrapper
from PIL import Image

from lab.benchmarks.serving.accounting import processor_s
from lab.benchmarks.serving.machine import machine
from lab.benchmarks.text import EmptyShop, fill
from lab.harness.postgresql import postgresql

if TYPE_CHECKING:
    from django.test import Client

HELP = "Processor time and statements of each kind of page, by the number of articles."
SIZES = [1_000, 10_000, 100_000]
PHOTOS, TIMES = 4, 7
# Requests of a kind whose processor time is counted on both sides: PostgreSQL's is known to 10 ms.
BOTH_SIDES_TIMES = 50
WORDS = "red dress"
ROWS_AT_ONCE = 10_000
GARMENT_SIZES = ("S", "M", "L")


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--articles", type=int, nargs="+", default=SIZES, metavar="N", help="1000 10000 100000")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="a folder for the shops, used again if it has them")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own; nothing is kept")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    if options["postgresql"] and options["keep"]:
        raise CommandError("--keep is for SQLite alone.")
    out.write(machine())
    measured_by_size: dict[int, dict[str, list[float]]] = {}
    for articles in options["articles"]:
        with shop_of(articles, options) as shop:
            call = f"print(pages.measured({articles}, elapsed={options['postgresql']}))"
            lines = shop.shell(f"from lab.benchmarks import pages; {call}").splitlines()
            measured_by_size[articles] = json.loads(lines[-1])
            if options["postgresql"]:
                lines = shop.shell("from lab.benchmarks import pages; print(pages.both_sides())").splitlines()
                sides = json.loads(lines[-1])
    out.write(table(measured_by_size))
    if options["postgresql"]:
        out.write(f"{'':34}{'web ms':>11}{'PostgreSQL ms':>15}   (processor time, in the shop measured last)")
        out.write("\n".join(f"{kind:34}{web:11.1f}{server:15.1f}" for kind, (web, server) in sides.items()))


@contextmanager
def shop_of(articles: int, options: dict[str, Any]) -> Iterator[EmptyShop]:
    """Yield a shop for so many articles: on PostgreSQL, in the folder where shops are kept, or in one of its own."""
    if options["postgresql"]:
        with postgresql() as url, EmptyShop(DATABASE_URL=url) as shop:
            yield shop
    elif options["keep"]:
        with KeptShop(options["keep"] / str(articles)) as shop:
            yield shop
    else:
        with EmptyShop() as shop:
            yield shop


class KeptShop(EmptyShop):
    """A shop in a folder that stays."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        shutil.rmtree(self.data)
        self.data, self.keep = folder.resolve(), True
        self.environment["SHOP_DATA_DIR"] = str(self.data)

    def __enter__(self) -> Self:
        if not self.data.exists():
            self.prepare()
        # The folder may be from before a migration.
        self.manage("migrate", "--verbosity", "0")
        return self


def table(measured_by_size: dict[int, dict[str, list[float]]]) -> str:
    """Return what was measured: a line for each kind of page, and how much more the largest shop takes."""
    sizes = sorted(measured_by_size)
    heads = "".join(f"{size:>11,}{'':9}" for size in sizes)
    lines = [f"{'':34}{heads}", f"{'':34}" + f"{'ms':>11}{'stmts':>9}" * len(sizes) + f"{'growth':>9}"]
    for kind in measured_by_size[sizes[0]]:
        rows = [measured_by_size[size][kind] for size in sizes]
        growth = f"{rows[-1][0] / rows[-2][0]:9.1f}" if len(rows) > 1 else ""
        lines.append(f"{kind:34}" + "".join(f"{ms:11.1f}{count:9.0f}" for ms, count in rows) + growth)
    return "\n".join(lines)


def measured(articles: int, *, elapsed: bool = False) -> str:
    """Fill this process's shop with so many articles if it is empty, and return what each kind of page takes.

    As JSON: {kind: [ms, statements]}.
    """
    # Imported here: this is called in a shop of its own, and the command in the caller's.
    from django.db import connection  # noqa: PLC0415  (as said above)
    from django.test import Client  # noqa: PLC0415  (as said above)

    furnish(articles)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    clock = time.perf_counter if elapsed else time.process_time
    return json.dumps({kind: cost(partial(request, client, address), clock) for kind, address in addresses().items()})


def request(client: Client, address: str) -> None:
    """Request a page. Raise CommandError unless the response is 200 with a body."""
    response: Any = client.get(address)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if response.status_code != 200 or not body:
        raise CommandError(f"{address} was answered with {response.status_code}")


def cost(call: Callable[[], object], clock: Callable[[], float]) -> list[float]:
    """Return the median of a call's times, in ms, and the number of its statements. The first call is not counted."""
    from django.db import connection  # noqa: PLC0415  (Django is set up in the shop's own process)

    statements = 0

    def counted(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*args)

    call()
    times = []
    for _ in range(TIMES):
        statements = 0
        with connection.execute_wrapper(counted):
            started = clock()
            call()
            times.append(clock() - started)
    return [statistics.median(times) * 1e3, statements]


def both_sides() -> str:
    """Return the mean processor time of lists and facets in this process and in PostgreSQL, with and without a pool.

    As JSON: {kind: [ms here, ms in PostgreSQL]}. Only on PostgreSQL, and on this machine.
    """
    from django.db import connection  # noqa: PLC0415  (Django is set up in the shop's own process)
    from django.test import Client  # noqa: PLC0415  (as said above)

    from shop.operations.database_limits import limit_web  # noqa: PLC0415  (as said above)

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_read_file('postmaster.pid')")
        server = int(cursor.fetchone()[0].splitlines()[0])
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")

    def mean_ms(address: str) -> list[float]:
        request(client, address)
        before = time.process_time(), processor_s(server)
        for _ in range(BOTH_SIDES_TIMES):
            # As after each request of the web server: a connection of the pool goes back to it, another is closed.
            connection.close()
            request(client, address)
        after = time.process_time(), processor_s(server)
        return [(end - start) / BOTH_SIDES_TIMES * 1e3 for start, end in zip(before, after, strict=True)]

    pages = addresses()
    measured = {"API, list, new connections": mean_ms(pages["API, list"])}
    limit_web()
    for kind in ("API, list", "API, facets", "category"):
        measured[f"{kind}, with the pool"] = mean_ms(pages[kind])
    return json.dumps(measured)


def addresses() -> dict[str, str]:
    """Return an address of each kind of page."""
    from django.urls import reverse  # noqa: PLC0415  (Django is set up in the shop's own process)

    from catalogue.models import Article, Brand, Category  # noqa: PLC0415  (as said above)

    published = Article.objects.published()
    largest = max(Category.objects.filter(depth=1), key=lambda root: published.in_category(root).count())
    pages = published.in_category(largest).count() // 24
    listing, category = reverse("catalogue:articles"), largest.get_absolute_url()
    brand, middle = Brand.objects.order_by("pk")[0].slug, published.count() // 2
    article = published.order_by("pk")[middle]
    return {
        "home": reverse("catalogue:home"),
        "all products": listing,
        "category": category,
        "category, page in the middle": f"{category}?page={pages // 2 + 1}",
        "category, by price": f"{category}?ordering=price",
        "category, two filters": f"{category}?brand={brand}&in_stock=true",
        "category, five filters": f"{category}?brand={brand}&colour=blue&size=M&price_max=80&in_stock=true",
        "text search": f"{listing}?q={WORDS}",
        "text search of a tenth": f"{listing}?q={WORDS.rsplit(maxsplit=1)[-1]}",
        "article": article.get_absolute_url(),
        "suggestions": f"{reverse('catalogue:suggestions')}?q=linen+d",
        "sitemap, index": reverse("sitemaps"),
        "sitemap, articles": reverse("django.contrib.sitemaps.views.sitemap", args=["articles"]),
        "API, list": "/api/articles",
        "API, offset in the middle": f"/api/articles?offset={middle}",
        "API, facets": "/api/articles?facets=true",
        "API, facets and filters": f"/api/articles?facets=true&brand={brand}&in_stock=true",
        "API, facets and words": f"/api/articles?facets=true&q={WORDS}",
        "API, categories": "/api/categories",
    }


def furnish(articles: int) -> None:
    """Fill this process's shop with so many articles, their photos, sizes, prices and second categories, if empty."""
    from django.core.files.base import ContentFile  # noqa: PLC0415  (Django is set up in the shop's own process)
    from django.db.models import F  # noqa: PLC0415  (as said above)
    from django.db.models.query import QuerySet  # noqa: PLC0415  (as said above)

    from catalogue.models import Article, Category, Photo, Variant, photo_storage  # noqa: PLC0415  (as said above)

    if Photo.objects.filter(alt="last").exists():
        return
    if Article.objects.exists():
        raise CommandError("This shop was not filled to its end: delete its folder.")
    fill(articles)
    # One file for all, as each process measures each once.
    file = photo_storage().save("benchmark.jpg", ContentFile(picture()))
    # Django's own statements: what is recorded of changes counts for nothing here.
    photos: QuerySet[Photo] = QuerySet(Photo)
    rows: QuerySet[Article] = QuerySet(Article).filter(sku__startswith="B")
    rows.update(price=F("id") % 200 + 5, sizes=list(GARMENT_SIZES), published=True)
    rows.filter(id__iregex="7$").update(currency="CHF")
    rows.filter(id__iregex="13$").update(price=None)
    leaves = [category.pk for category in Category.objects.filter(numchild=0)]
    listed: Any = Article.additional_categories.through
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), ROWS_AT_ONCE):
        some = keys[start : start + ROWS_AT_ONCE]
        listed.objects.bulk_create(
            (listed(article_id=key, category_id=leaves[key % len(leaves)]) for key in some if key % 20 == 0),
            ignore_conflicts=True,
        )
        Variant.objects.bulk_create(
            Variant(article_id=key, size=size, position=place, stock=(None, 0, 2)[(key + place) % 3])
            for key in some
            for place, size in enumerate(GARMENT_SIZES)
        )
        photos.bulk_create(
            Photo(
                article_id=key,
                file=file,
                position=place,
                sha256=f"{key:060x}{place:04x}",
                alt="last" if (key, place) == (keys[-1], PHOTOS - 1) else "",
            )
            for key in some
            for place in range(PHOTOS)
        )


def picture() -> bytes:
    """Return a small picture, as JPEG."""
    file = io.BytesIO()
    Image.new("RGB", (600, 800), "grey").save(file, "JPEG")
    return file.getvalue()
