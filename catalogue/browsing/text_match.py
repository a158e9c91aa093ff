"""Which of some articles have which words, and how well: what ranks articles that were found otherwise, as by photo."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from django.db.models.functions import Left

from catalogue.browsing.words import fold, noun_forms, words_of
from catalogue.models import Article

# An article that has a word, and one that has a longer word which begins with it.
WHOLE, BEGINNING = 1.0, 0.5
# Of a word, to be looked for as the beginning of others: "de" begins too many.
BEGINNING_MIN_CHARACTERS = 3
# Of each description: so much is read of every article.
READ_CHARACTERS = 5_000
_FIELDS = ("name", "name_fr", "sku", "brand__name", "category__name", "category__name_fr")


def match_words(article_ids: Collection[int], words: Iterable[str]) -> dict[str, dict[int, float]]:
    """Return for each word the ids of the articles that have it in a text of either language, with 0 < score ≤ 1.

    Case, accents, singular and plural are one. One query; all texts of these articles are read, so give few ids.
    """
    patterns = {word: _patterns_of(word) for word in words}
    if not patterns or not article_ids:
        return {word: {} for word in patterns}
    rows = Article.objects.filter(pk__in=article_ids).order_by()
    descriptions = (Left("description", READ_CHARACTERS), Left("description_fr", READ_CHARACTERS))
    texts = {row[0]: fold("\n".join(filter(None, row[1:]))) for row in rows.values_list("pk", *_FIELDS, *descriptions)}
    found: dict[str, dict[int, float]] = {word: {} for word in patterns}
    for word, (whole, beginning) in patterns.items():
        for article_id, text in texts.items():
            if whole.search(text):
                found[word][article_id] = WHOLE
            elif beginning is not None and beginning.search(text):
                found[word][article_id] = BEGINNING
    return found


def _patterns_of(word: str) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    """Return what finds a word, in the singular or the plural, and what finds words that begin with it."""
    # "v-neck" is written "v neck" too.
    *first, last = words_of(word)
    forms = [r"[\W_]*".join([*first, form]) for form in noun_forms(last)]
    either = "|".join(forms)
    # Of a participle, the French feminine is the same word: "plissée".
    whole = re.compile(rf"\b(?:{either})(?:(?<=e)e)?(?:e?s|x)?\b")
    shortest = min(forms, key=len)
    beginning = re.compile(rf"\b{shortest}") if len(shortest) >= BEGINNING_MIN_CHARACTERS else None
    return whole, beginning
