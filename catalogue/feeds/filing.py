"""Colours and additional categories of a batch's articles: compared with what the rows state, and written at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from catalogue.feeds.rows import ArticleRow
from catalogue.feeds.taxonomy import Terms
from catalogue.models import Article
from catalogue.models.recording import note_changed


class Filing:
    """What the articles of a batch are filed under."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        # By relation and article's id, the ids that it is to have.
        self._wanted: defaultdict[str, dict[int, set[int]]] = defaultdict(dict)

    def file(self, article: Article, row: ArticleRow, *, new: bool) -> list[tuple[str, Any, Any]]:
        """Plan the colours and additional categories that a row states, and record what differs.

        Returns the name of each that differs, and its values before and after as people read them.
        """
        terms = self._terms
        changes: list[tuple[str, Any, Any]] = []
        if row.colours is not None:
            colours = {terms.colour(name) for name in row.colours}
            had = set() if new else set(article.colours.all())
            if self._differs(article, "colours", had, colours):
                before, after = (sorted(colour.name for colour in each) for each in (had, colours))
                changes.append(("colours", before, after))
        if row.additional_categories is not None:
            categories = {found for path in row.additional_categories if (found := terms.category(path))}
            listed = set() if new else set(article.additional_categories.all())
            if self._differs(article, "additional_categories", listed, categories):
                before, after = (
                    sorted(terms.said("category_id", each.pk) for each in of) for of in (listed, categories)
                )
                changes.append(("additional_categories", before, after))
        return changes

    def write(self) -> None:
        """Write what was planned, past the signals that would record each."""
        for name, wanted in self._wanted.items():
            relation = Article._meta.get_field(name)
            through: Any = relation.remote_field.through  # type: ignore[union-attr]  # of many to many
            column = relation.m2m_reverse_name()  # type: ignore[union-attr]  # as above
            through._default_manager.filter(article__in=wanted).delete()
            through._default_manager.bulk_create(
                through(**{"article_id": article, column: key}) for article, keys in wanted.items() for key in keys
            )

    def _differs(self, article: Article, name: str, before: Iterable[Any], after: Iterable[Any]) -> bool:
        had, wanted = {row.pk for row in before}, {row.pk for row in after}
        if had != wanted:
            self._wanted[name][article.pk] = wanted
            note_changed(article, name, sorted(had), sorted(wanted))
        return had != wanted
