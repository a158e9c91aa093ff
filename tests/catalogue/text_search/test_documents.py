"""Documents follow their articles: in the transaction that changes them, however it does."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from catalogue.browsing.listing import ListQuery, listed
from catalogue.feeds import import_articles
from catalogue.models import Article, SearchDocument, SearchWord, Variant, replace_variants
from catalogue.text_search import documents
from catalogue.text_search.searching import plan_search
from tests.catalogue.feeds.rows import Rows, row
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def found(text: str) -> list[str]:
    published = Article.objects.published()
    search = plan_search(text, published)
    return [] if search is None else sorted(article.sku for article in listed(ListQuery(text), published, search))


def rename(article: Article) -> None:
    article.name = "Corduroy kilt"
    article.save()


def rename_one_field(article: Article) -> None:
    article.name = "Corduroy kilt"
    article.save(update_fields=["name"])


def rename_by_statement(article: Article) -> None:
    Article.objects.filter(pk=article.pk).update(name="Corduroy kilt")


def rename_in_bulk(article: Article) -> None:
    article.name = "Corduroy kilt"
    Article.objects.bulk_update([article], ["name"])


@pytest.mark.parametrize("change", [rename, rename_one_field, rename_by_statement, rename_in_bulk])
def test_a_changed_name_is_found_at_once_and_the_old_one_no_more(change: Callable[[Article], None]) -> None:
    article = ArticleFactory.create(sku="a", name="Velvet poncho")
    assert found("velvet") == ["a"]

    change(article)

    assert (found("velvet"), found("kilt")) == ([], ["a"])


def test_what_an_article_is_related_to_is_followed() -> None:
    article = ArticleFactory.create(sku="a", name="Thing", brand=BrandFactory.create(name="Maison Fjord"))
    article.colours.set([ColourFactory.create(name="Ultramarine", name_fr="Outremer")])
    article.additional_categories.set([CategoryFactory.create(name="Ponchos")])
    replace_variants(article, [Variant(size="S", sku="KLM 77", barcode="4006381333931")])

    for text in ("fjord", "outremer", "poncho", "klm77", "KLM-77", "4006381333931"):
        assert found(text) == ["a"], text

    article.colours.clear()
    article.additional_categories.clear()
    replace_variants(article, [])
    Article.objects.filter(pk=article.pk).update(brand=None)

    for text in ("fjord", "outremer", "poncho", "klm77", "4006381333931"):
        assert found(text) == [], text


def test_a_renamed_category_brand_or_colour_is_found_by_its_new_name_without_writing_its_articles() -> None:
    category, brand = CategoryFactory.create(name="Ponchos"), BrandFactory.create(name="Fjord")
    article = ArticleFactory.create(sku="a", name="Thing", category=category, brand=brand)
    before = SearchDocument.objects.get(article=article).traits

    category.name, brand.name = "Kaftans", "Glacier"
    category.save()
    brand.save()

    assert (found("poncho"), found("kaftan"), found("fjord"), found("glacier")) == ([], ["a"], [], ["a"])
    assert SearchDocument.objects.get(article=article).traits == before


def test_what_is_rolled_back_is_not_found() -> None:
    article = ArticleFactory.create(sku="a", name="Velvet poncho")

    def fail() -> None:
        with transaction.atomic():
            rename(article)
            ArticleFactory.create(sku="b", name="Second kilt")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert (found("velvet"), found("kilt")) == (["a"], [])
    assert list(documents.differing()) == []


def test_an_article_in_the_bin_is_not_found_until_it_is_restored_and_one_that_is_purged_leaves_nothing() -> None:
    article = ArticleFactory.create(sku="a", name="Velvet poncho")

    article.delete()
    assert found("velvet") == []

    Article.all_objects.filter(pk=article.pk).restore()
    assert found("velvet") == ["a"]

    article.delete()
    Article.all_objects.filter(pk=article.pk).purge()
    assert not SearchDocument.objects.exists()
    assert found("velvet") == []


def test_an_import_is_found_with_its_commit_and_a_preview_leaves_nothing() -> None:
    ArticleFactory.create(sku="a", name="Velvet poncho")
    rows = (
        row("a", values={"name": "Corduroy kilt"}, colours=("Ultramarine",)),
        row("b", values={"name": "Silk kilt"}),
    )

    list(import_articles(Rows(*rows), dry=True))
    assert (found("velvet"), found("kilt")) == (["a"], [])
    assert not SearchWord.objects.filter(folded="kilt").exists()

    list(import_articles(Rows(*rows)))
    assert (found("velvet"), found("kilt"), found("ultramarine")) == ([], ["a", "b"], ["a"])
    assert list(documents.differing()) == []


def test_articles_that_are_made_by_one_statement_are_found() -> None:
    Article.objects.bulk_create(Article(sku=str(n), name=f"Kilt {n}", slug="kilt") for n in range(3))

    assert found("kilts") == ["0", "1", "2"]


def test_the_command_tells_what_another_program_wrote_and_writes_it_anew() -> None:
    article = ArticleFactory.create(sku="a", name="Velvet poncho")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalogue_article SET name = 'Corduroy kilt' WHERE id = %s", [article.pk])
    assert found("kilt") == []

    with pytest.raises(
        CommandError, match=f"1 articles are not found by what they say, as those with the ids {article.pk}"
    ):
        call_command("rebuild_text_search", "--check")
    out = StringIO()
    call_command("rebuild_text_search", stdout=out)
    call_command("rebuild_text_search", "--check", stdout=out)

    assert out.getvalue().splitlines() == ["1 documents written.", "All documents are up to date."]
    assert (found("velvet"), found("kilt")) == ([], ["a"])
    assert not SearchWord.objects.filter(folded="velvet").exists()


def test_documents_that_are_missing_or_of_another_analysis_are_written_where_the_database_is_migrated() -> None:
    for sku in "ab":
        ArticleFactory.create(sku=sku, name="Velvet poncho")
    SearchDocument.objects.filter(article__sku="a").delete()
    SearchDocument.objects.filter(article__sku="b").update(version=0, title="wnothing")
    assert found("velvet") == []

    call_command("migrate", verbosity=0)

    assert found("velvet") == ["a", "b"]
