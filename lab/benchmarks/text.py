"""`benchmark text`: processor time of the text search and of suggestions, in shops of several sizes.

The articles are those of the demo, each under many names: two words before it, of sixteen. Times are medians of
processor time in one process, by which machines that are shared compare best.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Self

import numpy as np
from django.core.management.base import CommandParser, OutputWrapper

from lab.benchmarks.serving.machine import machine
from lab.harness.trial_shop import TrialShop

HELP = "Processor time of the text search and of suggestions, by the number of articles."
WORDS = (
    "classic", "modern", "vintage", "relaxed", "fitted", "premium", "organic", "everyday", "urban", "alpine", "coastal",
    "heritage", "studio", "weekend", "signature", "essential",
)  # fmt: skip
QUERIES = (
    "dress", "red dress", "robe rouge", "sweater", "linnen dress", "heritage linen dress white", "B000123",
    "zzzz dress", "silk poncho kilt", "classic linen dress", "classic modern vintage", " ".join(WORDS[:12]),
)  # fmt: skip
TYPED = ("dr", "linen d", "robe r", "classic", "heritage studio d", "pomcho")
ARTICLES_AT_ONCE = 2_000
TIMES = 5


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "--articles", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="N", help="1000 10000 100000"
    )


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    out.write(machine())
    for articles in options["articles"]:
        with EmptyShop() as shop:
            out.write("")
            out.write(shop.shell(f"from lab.benchmarks import text; print(text.measured({articles}))"))


class EmptyShop(TrialShop):
    """A shop's database, without any process."""

    def __enter__(self) -> Self:
        self.prepare()
        return self


def measured(articles: int) -> str:
    """Fill this process's shop with so many articles, and return a table of what searches in it take."""
    line = f"{articles:,} articles; written with their documents in {fill(articles):.2f} ms each"
    return f"{line}\n{table()}"


def table() -> str:
    """Return a table of what searches in this process's shop take."""
    # Imported here: this is called in a shop of its own, and the command in the caller's.
    from catalogue.browsing.listing import ListQuery, listed  # noqa: PLC0415  (as said above)
    from catalogue.browsing.suggestions import suggest  # noqa: PLC0415  (as said above)
    from catalogue.models import Article  # noqa: PLC0415  (as said above)
    from catalogue.text_search.searching import plan_search  # noqa: PLC0415  (as said above)

    lines = [f"{'ms of a processor':28}{'decide':>8}{'page':>8}{'count':>8}{'found':>9}"]
    published = Article.objects.published()
    for text in QUERIES:
        search = plan_search(text, published)
        found = partial(listed, ListQuery(text), published, search)
        times = [
            median_ms(partial(plan_search, text, published)),
            median_ms(partial(first_page, found)),
            median_ms(found().count),
        ]
        lines.append(f"{text[:27]:28}{''.join(f'{value:8.1f}' for value in times)}{found().count():9,}")
    lines.append(f"{'suggestions':28}{'ms':>8}")
    lines += [f"{text:28}{median_ms(partial(suggest, text)):8.1f}" for text in TYPED]
    return "\n".join(lines)


def first_page(found: Callable[[], Any]) -> list[Any]:
    return list(found().for_display()[:24])


def fill(articles: int) -> float:
    """Add so many articles like the demo's. Returns the processor time that each took, in ms."""
    from django.db import transaction  # noqa: PLC0415  (see measured)

    from catalogue.demo.loading import load  # noqa: PLC0415  (as said above)
    from catalogue.models import Article, Colour  # noqa: PLC0415  (as said above)
    from catalogue.text_search import documents  # noqa: PLC0415  (as said above)

    for _ in load(pictures=lambda names: dict.fromkeys(names, b"no picture")):
        pass
    rng, colours = np.random.default_rng(1), list(Colour.objects.all())
    models = list(Article.objects.all())
    coloured: Any = Article.colours.through
    took, made = 0.0, 0
    while made < articles:
        some = min(ARTICLES_AT_ONCE, articles - made)
        new = [article_like(models[rng.integers(len(models))], made + number, rng) for number in range(some)]
        started = time.process_time()
        with transaction.atomic():
            rows = Article.objects.bulk_create(new)
        took += time.process_time() - started
        with transaction.atomic():
            coloured.objects.bulk_create(
                coloured(article_id=row.pk, colour=colours[rng.integers(len(colours))]) for row in rows
            )
            # Rows of a relation that are written in bulk are no edit of an article.
            documents.refresh([row.pk for row in rows])
        made += some
    return took / articles * 1e3


def article_like(model: Any, number: int, rng: np.random.Generator) -> Any:
    """Return an article, not yet written, that is like another under a name of its own."""
    first, second, *others = rng.permutation(WORDS)[:7]
    return type(model)(
        sku=f"B{number:06}", name=f"{first.title()} {second} {model.name}", name_fr=f"{model.name_fr} {first}",
        description=f"{model.description} {' '.join(others)}", description_fr=model.description_fr, slug="x",
        category_id=model.category_id, brand_id=model.brand_id, price=10, stock=(None, 0, 3)[number % 3],
    )  # fmt: skip


def median_ms(call: Callable[[], object]) -> float:
    """Return the median processor time of a call, in ms; the first call is not counted."""
    call()
    times = []
    for _ in range(TIMES):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return statistics.median(times) * 1e3
