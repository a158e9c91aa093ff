"""What the admin pages of imports say, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue import jobs
from catalogue.admin.import_terms import titled, titles_of
from catalogue.feeds import RowError
from catalogue.feeds.templates import Template
from catalogue.messages import Message
from catalogue.messages.rendering import render_stored
from catalogue.models import Article, ImportRefusal, ImportRun, Variant

State = ImportRun.State

FORMAT_NAMES = {
    "csv": _("a table"),
    "zip": _("a ZIP with photos"),
    "google-xml": "Google Merchant (XML)",
    "google-tsv": "Google Merchant / Meta",
    "shopify": "Shopify",
    "woocommerce": "WooCommerce",
    "prestashop": "PrestaShop",
    "magento": "Magento",
}


_LANGUAGES = {"en": _("in English"), "fr": _("in French")}
# What a format is called where the file says it better.
_TEMPLATE_NAMES = {
    "articles.csv": _("Our own template (CSV)"),
    "articles.xlsx": _("Our own template (Excel)"),
    "google-merchant.tsv": "Google Merchant (TSV)",
    "meta.csv": "Meta",
    "meta-fr.csv": "Meta",
}


def template_name(template: Template) -> str:
    """Return what a file to fill in is called."""
    name = str(_TEMPLATE_NAMES.get(template.file) or FORMAT_NAMES[template.kind])
    return f"{name}, {_LANGUAGES[template.language]}" if template.language else name


def error_of(row: ImportRefusal) -> RowError:
    return RowError(row.line, row.sku, Message.from_json(row.error))


def shown(row: ImportRefusal) -> dict[str, str]:
    """Return a refused row in the reader's language."""
    return {"line": row.line, "sku": row.sku, "reason": render_stored(row.error)}


def new_terms(run: ImportRun) -> list[tuple[str, list[str]]]:
    """Return what an import adds, by kind."""
    return [
        (label, names)
        for kind, label in (
            ("category", gettext("New categories")),
            ("brand", gettext("New brands")),
            ("colour", gettext("New colours")),
        )
        if (names := [name for of, name in run.new_terms if of == kind])
    ]


def previews(stored: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what an import does to articles, their fields and what they are filed under called as in the admin."""
    words = {"True": gettext("yes"), "False": gettext("no")}
    titles = titles_of(field for each in stored for field, *_ in each["changes"])

    def said(field: str, value: str) -> str:
        return words.get(value) or str(titled(titles, field, value))

    return [
        {
            **each,
            "changes": [
                {"field": field_name(field), "before": said(field, before), "after": said(field, after)}
                for field, before, after in each["changes"]
            ],
        }
        for each in stored
    ]


def field_name(field: str) -> str:
    if field == "photos":
        return gettext("photos")
    if field == "variants":
        return str(Variant._meta.verbose_name_plural)
    return str(Article._meta.get_field(field).verbose_name)  # type: ignore[union-attr]  # those of the feeds


def said_state(run: ImportRun) -> str:
    """Return the label of an import's state."""
    if run.paused:
        return gettext("Paused")
    return capfirst(str(State(run.state).label))


def said(run: ImportRun) -> dict[str, Any]:
    """Return an import's progress for the page and its polling script: counts, and text in the reader's language.

    "revision" changes when the page offers other actions, and when the first rows are there.
    """
    percent = jobs.progress(run).percent
    text = said_state(run)
    if run.total is None and run.is_working:
        text = gettext("Waiting to start") if not run.lease_token else gettext("Reading the file…")
    elif run.is_working or run.paused:
        text = gettext("%(state)s: %(done)d of %(total)d rows") % {
            "state": text,
            "done": run.done,
            "total": run.total or 0,
        }
    return {
        "revision": f"{run.state}-{int(run.paused)}{'-rows' * bool(run.first_rows and run.state == State.CHECKING)}",
        "working": run.is_working,
        "text": text,
        "percent": percent,
        "numbers": {name: getattr(run, name) for name in ("created", "changed", "unchanged", "refused", "awaited")},
    }
