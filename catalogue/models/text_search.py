"""What the text search looks in: a document for each article, the words that are spelled, and synonyms."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_SYNONYMS, SYNONYM_MAX_WORDS = 40, 4


class SearchDocument(models.Model):
    """The tokens of an article, by field. Written in the transaction that changes the article.

    The full-text index follows from its rows within the database: by triggers on SQLite, as a generated column on
    PostgreSQL. See migration 0019.
    """

    article = models.OneToOneField(
        "catalogue.Article", models.CASCADE, primary_key=True, related_name="search_document", editable=False
    )
    title = models.TextField()
    traits = models.TextField()
    codes = models.TextField()
    text = models.TextField()
    # Of the analysis that wrote it.
    version = models.PositiveSmallIntegerField(db_index=True)

    class Meta:
        # No page shows it, so nobody is given rights to it.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.article_id)


class SearchWord(models.Model):
    """A word of the articles' texts, folded and as it was written, for corrections. Words that left may stay."""

    folded = models.CharField(max_length=40, primary_key=True)
    written = models.CharField(max_length=80)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.written


class SynonymGroup(models.Model):
    """Words that shoppers use for one thing, in any language: who searches for one finds them all."""

    words = models.TextField(
        _("words"),
        help_text=_("Separated by commas or line breaks, as in: sweater, jumper, pullover, pull."),
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("group of synonyms")
        verbose_name_plural = _("synonyms")
        ordering = ("words",)

    def __str__(self) -> str:
        return ", ".join(self.each)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.words = ", ".join(self.each)
        super().save(*args, **kwargs)

    @property
    def each(self) -> list[str]:
        """The words, each once; a word may be several, as in "tee shirt"."""
        # Characters without a shape of their own, such as those that turn the direction of writing, belong to no word.
        shown = "".join(sign for sign in self.words if unicodedata.category(sign) != "Cf")
        parts = (" ".join(part.split()) for part in shown.replace("\n", ",").replace(";", ",").split(","))
        return list(dict.fromkeys(filter(None, parts)))

    def clean(self) -> None:
        each = self.each
        if len(each) < 2:
            raise ValidationError({"words": _("Give at least two words, separated by commas.")})
        if len(each) > MAX_SYNONYMS:
            message = ValidationError(_("Give at most %(limit)d words."), params={"limit": MAX_SYNONYMS})
            raise ValidationError({"words": message})
        if signs := next((word for word in each if not any(sign.isalnum() for sign in word)), None):
            message = ValidationError(_("“%(word)s” has no letters."), params={"word": signs[:100]})
            raise ValidationError({"words": message})
        if long := next((word for word in each if len(word.split()) > SYNONYM_MAX_WORDS), None):
            message = ValidationError(
                _("“%(word)s” has more than %(limit)d words: separate synonyms by commas."),
                params={"word": long[:100], "limit": SYNONYM_MAX_WORDS},
            )
            raise ValidationError({"words": message})
