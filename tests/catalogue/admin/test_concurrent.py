"""Two people, or a person and a worker, change one article: what each changed stays, or a conflict is said."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalogue.models import Article, ChangeSet, Edit
from tests.admin_pages import filled_in, sent_by
from tests.catalogue.admin.addresses import LIST
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch, pytest.mark.database]


def change(article: Article) -> str:
    return reverse("admin:catalogue_article_change", args=[article.pk])


def shown_list(client: Client, **parameters: Any) -> dict[str, Any]:
    """Return what a browser would send of the list as it is now, the values that were shown included."""
    page = client.get(LIST, parameters)
    formset = page.context["cl"].formset
    sent: dict[str, Any] = {**sent_by(formset.management_form), "_save": "Save"}
    for form in formset.forms:
        sent |= sent_by(form) | as_shown(form)
    return sent


def as_shown(form: Any) -> dict[str, Any]:
    """Return the hidden fields with the values that a form was shown with."""
    sent: dict[str, Any] = {}
    for field in form:
        value = field.value()
        if field.field.show_hidden_initial and value not in (None, []):
            sent[field.html_initial_name] = [getattr(v, "pk", v) for v in value] if isinstance(value, list) else value
        elif field.field.show_hidden_initial and value is None:
            sent[field.html_initial_name] = ""
    return sent


def shown_form(client: Client, article: Article) -> dict[str, Any]:
    page = client.get(change(article))
    forms = [page.context["adminform"].form]
    forms += [form for inline in page.context["inline_admin_formsets"] for form in inline.formset.forms]
    sent = filled_in(page)
    for form in forms:
        sent |= as_shown(form)
    return sent


def row_of(sent: dict[str, Any], article: Article) -> str:
    return next(name for name, value in sent.items() if name.endswith("-id") and value == article.pk).removesuffix(
        "-id"
    )


def test_the_page_holds_what_each_field_was_shown_with(admin_client: Client) -> None:
    article = ArticleFactory.create(price="10.00", stock=3)

    page = admin_client.get(LIST).text

    assert '<input type="hidden" name="initial-form-0-price" value="10.00"' in page
    assert '<input type="hidden" name="initial-form-0-stock" value="3"' in page
    assert '<input type="hidden" name="initial-sku"' in admin_client.get(change(article)).text


def test_a_list_that_was_open_for_long_writes_only_what_was_changed_in_it(admin_client: Client) -> None:
    one, other = ArticleFactory.create(price="10.00", stock=3), ArticleFactory.create(price="20.00")
    sent = shown_list(admin_client)
    Article.objects.filter(pk=one.pk).update(price="12.00", published=False)
    ChangeSet.objects.all().delete()

    sent |= {f"{row_of(sent, one)}-stock": "2", f"{row_of(sent, other)}-price": "25.00"}
    admin_client.post(LIST, sent)

    one.refresh_from_db()
    other.refresh_from_db()
    assert (str(one.price), one.stock, one.published) == ("12.00", 2, False)
    assert str(other.price) == "25.00"
    edits = {edit.name: edit.fields for edit in Edit.objects.all()}
    assert edits == {one.sku: {"stock": [3, 2]}, other.sku: {"price": ["20.00", "25.00"]}}


def test_a_price_that_two_changed_is_a_conflict_and_saving_again_keeps_the_second(admin_client: Client) -> None:
    article = ArticleFactory.create(price="10.00")
    sent = shown_list(admin_client)
    row = row_of(sent, article)
    Article.objects.filter(pk=article.pk).update(price="12.00")

    answer = admin_client.post(LIST, {**sent, f"{row}-price": "11.00"})

    article.refresh_from_db()
    assert str(article.price) == "12.00"
    assert "Somebody changed this to “12.00” in the meantime." in answer.text
    form = answer.context["cl"].formset.forms[0]
    again = {**sent, f"{row}-price": "11.00", f"initial-{row}-price": form.data[f"initial-{row}-price"]}
    admin_client.post(LIST, again)
    article.refresh_from_db()
    assert str(article.price) == "11.00"


def test_the_same_change_twice_is_no_conflict(admin_client: Client) -> None:
    article = ArticleFactory.create(price="10.00")
    sent = shown_list(admin_client)
    Article.objects.filter(pk=article.pk).update(price="12.00")

    answer = admin_client.post(LIST, {**sent, f"{row_of(sent, article)}-price": "12.00"})

    assert answer.status_code == 302


def test_a_row_that_was_deleted_while_the_list_was_open_is_said_and_the_others_are_saved(admin_client: Client) -> None:
    gone, there = ArticleFactory.create(price="10.00"), ArticleFactory.create(price="20.00")
    sent = shown_list(admin_client)
    gone.delete()

    sent |= {f"{row_of(sent, gone)}-price": "9.00", f"{row_of(sent, there)}-price": "19.00"}
    answer = admin_client.post(LIST, sent, follow=True)

    there.refresh_from_db()
    assert str(there.price) == "19.00"
    assert "1 product was deleted in the meantime." in answer.text


def test_a_form_that_was_opened_before_proposals_came_keeps_them(admin_client: Client) -> None:
    article = ArticleFactory.create(name="IMG 1", category=None, stock=1)
    sent = shown_form(admin_client, article)
    category, colour = CategoryFactory.create(), ColourFactory.create()
    # As the worker that looks at the photos does.
    article.name, article.category, article.proposed = "Blue dress", category, ["category", "colours", "name"]
    article.save()
    article.colours.set([colour])

    admin_client.post(change(article), {**sent, "stock": "7"})

    article.refresh_from_db()
    assert (article.name, article.category, article.stock) == ("Blue dress", category, 7)
    assert list(article.colours.all()) == [colour]
    # Nobody has seen them yet.
    assert sorted(article.proposed) == ["category", "colours", "name"]


def test_a_form_that_shows_the_proposals_confirms_them(admin_client: Client) -> None:
    article = ArticleFactory.create(name="Blue dress", proposed=["category", "name"])

    admin_client.post(change(article), shown_form(admin_client, article))

    article.refresh_from_db()
    assert article.proposed == []


def test_a_form_says_which_field_somebody_else_changed(admin_client: Client) -> None:
    mine, theirs = BrandFactory.create(name="Mine"), BrandFactory.create(name="Theirs")
    article = ArticleFactory.create(name="Dress", description="Red.")
    sent = shown_form(admin_client, article)
    Article.objects.filter(pk=article.pk).update(brand=theirs, description="")

    answer = admin_client.post(change(article), {**sent, "brand": mine.pk, "description": "Blue."})

    article.refresh_from_db()
    assert article.brand == theirs
    assert "Somebody changed this to “Theirs” in the meantime." in answer.text
    assert "Somebody emptied this field in the meantime." in answer.text
    shown_again = answer.context["adminform"].form.data.dict()
    again = admin_client.post(change(article), {**sent, **shown_again, "brand": mine.pk})
    article.refresh_from_db()
    assert again.status_code == 302
    assert (article.brand, article.description) == (mine, "Blue.")


def test_a_colour_that_was_renamed_meanwhile_keeps_its_name(admin_client: Client) -> None:
    colour = ColourFactory.create(name="Blue", hex="#0000ff")
    address = reverse("admin:catalogue_colour_change", args=[colour.pk])
    form = admin_client.get(address).context["adminform"].form
    sent = sent_by(form) | as_shown(form)
    type(colour).objects.filter(pk=colour.pk).update(name="Navy")

    admin_client.post(address, {**sent, "hex": "#000080"})

    colour.refresh_from_db()
    assert (colour.name, colour.hex) == ("Navy", "#000080")
