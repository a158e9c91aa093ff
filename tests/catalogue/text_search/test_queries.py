"""A table of queries in both languages, on the demo's products: what comes first, and that all of it is found."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from catalogue.browsing.listing import ListQuery, listed
from catalogue.demo.loading import load
from catalogue.models import Article
from catalogue.text_search.searching import plan_search
from tests.catalogue.text_search.queries import HELD_OUT, TUNED

pytestmark = pytest.mark.database


@dataclass(frozen=True)
class Expected:
    """The first `count` results have an SKU with one of the beginnings, and the colour."""

    text: str
    count: int
    skus: tuple[str, ...]
    colour: str

    @classmethod
    def read(cls, line: str) -> Expected:
        text, rest = (part.strip() for part in line.split("|"))
        count, _, wanted = rest.partition(" ")
        skus, _, colour = wanted.partition("+")
        return cls(text, int(count), tuple(skus.split()), colour)

    def is_met_by(self, articles: list[Article]) -> bool:
        first = articles[: self.count]
        return bool(len(first) == self.count and (self.count or not articles)) and all(
            (not self.skus or article.sku.startswith(self.skus))
            and (not self.colour or self.colour in {colour.slug for colour in article.colours.all()})
            for article in first
        )


def lines(table: str) -> list[str]:
    return table.strip().splitlines()


@pytest.fixture(autouse=True)
def demo(db: None) -> None:
    """Fill the shop with the demo's products; their pictures are not looked at."""
    for _ in load(pictures=lambda names: dict.fromkeys(names, b"a picture")):
        pass


def search(text: str) -> list[Article]:
    published = Article.objects.published()
    return list(listed(ListQuery(text), published, plan_search(text, published)).prefetch_related("colours"))


def misses(table: str) -> list[str]:
    """Return the lines that are not met, each with what came first instead."""
    missed = []
    for line in lines(table):
        expected = Expected.read(line)
        found = search(expected.text)
        if not expected.is_met_by(found):
            missed.append(f"{line}: {len(found)} found, {[f'{each.sku} {each.name}' for each in found[:4]]}")
    return missed


def test_queries_that_rules_were_tuned_to_find_what_they_must() -> None:
    assert len(lines(TUNED)) == 60

    assert misses(TUNED) == []


def test_queries_kept_apart_find_what_they_must() -> None:
    assert len(lines(HELD_OUT)) == 60

    assert misses(HELD_OUT) == []


def test_few_articles_get_the_points_that_many_would() -> None:
    published = Article.objects.published()
    differing = []
    for line in lines(TUNED):
        plan = plan_search(Expected.read(line).text, published)
        if plan is not None and plan.ids and not plan.relaxed:
            few, many = (
                {article.pk: vars(article)["score"] for article in each.scored(published)}
                for each in (plan, replace(plan, ids=None))
            )
            if few != many:
                differing.append(line)

    assert differing == []
