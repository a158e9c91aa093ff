from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from catalogue.browsing.filters import NO_FILTERS, ArticleFilters, parse_filters
from catalogue.models import Article
from tests.factories import BrandFactory, CategoryFactory, ColourFactory, PhotoFactory
from tests.visualsearch.catalogue import COLOURS, find, found_article, query_for
from visualsearch.exceptions import InvalidTokenError, TokenOutdatedError
from visualsearch.models import LabelMapping, ModelVersion, PhotoEmbedding
from visualsearch.services import versions
from visualsearch.services.indexing import embedding, indexing
from visualsearch.services.retrieval.articles import similar_articles
from visualsearch.services.retrieval.engine import Engine
from visualsearch.services.retrieval.label_categories import categories_of
from visualsearch.services.retrieval.tokens import read_token
from visualsearch.services.search import photo_search

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def chosen(**filters: str) -> ArticleFilters:
    return parse_filters(filters)


def found(colour: str, filters: ArticleFilters = NO_FILTERS, **options: Any) -> list[Article]:
    return [match.article for match in find(query_for(colour), filters=filters, **options).matches]


def test_the_article_of_the_colour_photographed_comes_first() -> None:
    articles = {colour: found_article(colour) for colour in COLOURS}

    firsts = {colour: found(colour)[0] for colour in COLOURS}

    assert firsts == articles


def test_an_article_of_many_photos_comes_once_by_its_best_view() -> None:
    red = found_article("#b00020", photos=4)
    blue = found_article("#1f3a5f")

    query = query_for("#b00020")

    answer = find(query)

    vector = Engine(query.version).vector_of(query)
    views = [
        float((np.frombuffer(bytes(stored), "<f2").astype(np.float32).reshape(-1, len(vector)) @ vector).max())
        for stored in PhotoEmbedding.objects.filter(photo__article=red).values_list("vector", flat=True)
    ]
    assert [match.article for match in answer.matches] == [red, blue]
    # The photos differ, so that the best view is not any view.
    assert min(views) < max(views) - 1e-4
    assert answer.matches[0].similarity == pytest.approx(max(views), abs=1e-5)
    assert answer.matches[0].similarity > answer.matches[1].similarity
    assert answer.more is False


def test_many_photos_of_one_article_do_not_crowd_out_others() -> None:
    found_article("#b00020", photos=12)
    others = [found_article(colour) for colour in COLOURS[1:]]

    articles = found("#b00020", limit=6)

    assert set(articles[1:]) == set(others)


def test_pages_continue_one_another() -> None:
    for colour in COLOURS:
        found_article(colour)
    query = query_for("#b00020")
    everything = find(query, limit=6).matches

    pages = [find(query, limit=2, offset=offset) for offset in (0, 2, 4)]

    assert [match for page in pages for match in page.matches] == everything
    assert [page.more for page in pages] == [True, True, False]


def test_unpublished_articles_are_hidden_at_once_also_by_a_bulk_update() -> None:
    red = found_article("#b00020")
    assert found("#b00020") == [red]

    Article.objects.filter(pk=red.pk).update(published=False)

    assert found("#b00020") == []


def test_a_photo_that_was_replaced_is_hidden_until_it_is_embedded_again() -> None:
    red = found_article("#b00020")
    red.photos.update(sha256="1" * 64)

    assert found("#b00020") == []


def test_filters_keep_only_what_passes() -> None:
    tops = CategoryFactory.create(slug="tops")
    shirts = CategoryFactory.create(slug="shirts", parent=tops)
    crimson = ColourFactory.create(slug="crimson")
    cheap = found_article("#b00020", category=shirts, price="10.00", stock=0, colours=[crimson])
    brand = BrandFactory.create()
    dear = found_article("#c00020", price="90.00", stock=3, brand=brand)

    assert found("#b00020", chosen(category="tops")) == [cheap]
    assert found("#b00020", chosen(colour="crimson")) == [cheap]
    assert found("#b00020", chosen(brand=brand.slug)) == [dear]
    assert found("#b00020", chosen(price_min="50")) == [dear]
    assert found("#b00020", chosen(price_max="50")) == [cheap]
    assert found("#b00020", chosen(in_stock="true")) == [dear]
    assert found("#b00020", chosen(category="tops", in_stock="true")) == []


def test_emphasis_moves_the_query_between_cut_and_colour() -> None:
    same_colour = found_article("#b00020", shape="ellipse")
    same_cut = found_article("#1f3a5f", shape="rectangle")
    query = query_for("#b00020")

    by_colour = find(query, emphasis=1.0).matches
    by_cut = find(query, emphasis=-1.0).matches

    assert by_colour[0].article == same_colour
    assert by_cut[0].article == same_cut


def test_similar_articles_leave_out_the_article_itself() -> None:
    red, crimson, blue = (found_article(colour) for colour in ("#b00020", "#a80020", "#1f3a5f"))

    similar = similar_articles(Engine.serving(), red, limit=2)

    assert [match.article for match in similar] == [crimson, blue]


def test_similar_articles_that_can_be_bought_come_first_and_then_those_of_the_kind() -> None:
    tops, hats = CategoryFactory.create(slug="tops"), CategoryFactory.create(slug="hats")
    red = found_article("#b00020", category=tops)
    sold_out = found_article("#b00020", category=tops, stock=0)
    other_kind = found_article("#b00020", category=hats)
    same_kind = found_article("#1f3a5f", category=tops)

    similar = similar_articles(Engine.serving(), red)

    assert [match.article for match in similar] == [same_kind, other_kind, sold_out]


def test_similar_articles_are_found_by_any_photo() -> None:
    both = found_article("#b00020")
    embedding.embed_photos([PhotoFactory.create(article=both, colour="#1f3a5f", position=1, size=(90, 120)).pk])
    green, blue = found_article("#2e7d32"), found_article("#1f3a5f")

    similar = similar_articles(Engine.serving(), both)

    assert [match.article for match in similar] == [blue, green]
    assert similar[0].similarity > 0.9


def test_the_same_photo_is_as_similar_as_can_be_at_every_emphasis() -> None:
    found_article("#b00020")
    with PhotoEmbedding.objects.get().photo.file.open("rb") as file:
        query = photo_search.describe_photo(file.read())

    for emphasis in (-1.0, -0.4, 0.0, 0.6, 1.0):
        page = find(query, emphasis=emphasis)
        assert page.matches[0].similarity == pytest.approx(1, abs=0.01)
        assert page.matches[0].likeness > 0.99
        assert page.match == "close"


def test_an_article_that_cannot_be_found_yet_has_no_similar_ones() -> None:
    waiting = PhotoFactory.create().article

    assert similar_articles(Engine.serving(), waiting) == []


def test_labels_stand_for_the_categories_of_equal_slug_unless_mapped() -> None:
    dress = CategoryFactory.create(slug="dress")
    frocks = CategoryFactory.create(slug="frocks")
    assert categories_of(["dress", "hat"]) == {"dress": dress, "hat": None}

    LabelMapping.objects.create(label="dress", category=frocks)
    LabelMapping.objects.create(label="hat", category=None)

    assert categories_of(["dress", "hat"]) == {"dress": frocks, "hat": None}


def test_a_search_asks_a_fixed_number_of_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for colour in COLOURS:
        found_article(colour)
    query = query_for("#b00020")
    find(query)

    # Head of the log twice, which photos show, and the articles with their photos and colours; the categories of the
    # labels, as mapped and by their slugs.
    with django_assert_max_num_queries(8):
        find(query)


def test_a_token_is_the_query_itself() -> None:
    query = query_for("#b00020")

    again = read_token(query.token)

    assert (again.version, again.predictions[0].label, again.map) == (query.version, query.predictions[0].label, None)
    for part, same in zip(again.garment.parts, query.garment.parts, strict=True):
        assert (part.levels.tolist(), part.cosine) == (same.levels.tolist(), same.cosine)
    assert (again.box, again.predictions) == (query.box, query.predictions)
    assert len(again.predictions) == 5


def test_the_numbers_of_a_token_point_where_the_models_did() -> None:
    query = query_for("#b00020")
    photo = found_article("#b00020").photos.get()
    vector = np.frombuffer(bytes(photo.embeddings.get().vector), "<f2").astype(np.float32)

    asked = Engine(query.version).vector_of(query)

    assert 0.9 < float(asked @ vector[: len(asked)]) <= 1.0 + 1e-5


def test_a_changed_token_is_refused() -> None:
    token = query_for("#b00020").token

    for wrong in ("", "x", token[:-1], "A" + token, token.replace(":", "."), "é", "\x00", token * 10):
        with pytest.raises(InvalidTokenError):
            read_token(wrong)


def test_a_token_of_a_retired_version_is_outdated() -> None:
    query = query_for("#b00020")
    ModelVersion.objects.update(state=ModelVersion.State.RETIRED)

    with pytest.raises(TokenOutdatedError):
        read_token(query.token)


def test_the_index_is_found_by_whoever_comes_while_it_is_refreshed() -> None:
    """A thread that refreshes does not hold up the others."""
    red = found_article("#b00020")
    version = versions.serving_version()
    indexing.fresh_index(version)
    lock = indexing._locks[version.pk]

    with lock:
        assert found("#b00020") == [red]


def test_another_order_orders_the_nearest_and_leaves_what_is_further() -> None:
    near = [found_article("#b00020", price=price) for price in ("30.00", "10.00", "20.00")]
    far = found_article("#1040a0", price="5.00")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("visualsearch.services.retrieval.articles.ORDERED_AMONG", 3)
        cheapest = found("#b00020", ordering="price")
        rest = found("#b00020", ordering="price", offset=2, limit=2)

    assert cheapest == [near[1], near[2], near[0]]
    assert rest == [near[0]]
    assert far not in cheapest


def test_how_near_the_best_is_does_not_depend_on_the_order_shown() -> None:
    """Ordered by price, the first article shown may be one that looks like something else."""
    near, far = found_article("#b00020", price="30.00"), found_article("#111111", shape="ellipse", price="5.00")
    query = query_for("#b00020")
    by_likeness = find(query)

    by_price = find(query, ordering="price")

    assert [match.article for match in by_price.matches] == [far, near]
    assert (by_likeness.match, by_price.match) == ("close", "close")
    # What the match would be if it were told of the first one shown.
    descriptor = versions.get_model(query.version).descriptor
    assert descriptor.match(by_price.matches[0].similarity) != "close"
