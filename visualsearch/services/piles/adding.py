"""Makes articles of a pile's groups, each in a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from catalogue.exceptions import ImageError
from catalogue.messages import Message
from catalogue.models import Article
from catalogue.photos import services
from visualsearch.models import Pile, PileGroup, pile_photo_storage

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Added:
    """The articles that were added, and how many groups could not be."""

    articles: tuple[Article, ...]
    refused: int


class _RefusedError(Exception):
    """An article that cannot be added; why, by field."""

    def __init__(self, **errors: Message) -> None:
        self.errors = errors
        super().__init__()


def add_articles(pile: Pile, group_ids: Iterable[int], *, published: bool) -> Added:
    """Add the articles of these groups, but for those left out or added already.

    One that cannot be added keeps its errors in its row; the others are added.
    """
    added: list[Article] = []
    refused = 0
    for key in group_ids:
        try:
            article = _add(pile, key, published=published)
        except _RefusedError as refusal:
            errors = {field: error.as_json() for field, error in refusal.errors.items()}
            PileGroup.objects.filter(pk=key, pile=pile, added=False).update(errors=errors)
            refused += 1
        else:
            added += [article] if article else []
    pile.save(update_fields=["touched"])
    return Added(tuple(added), refused)


@transaction.atomic
def _add(pile: Pile, key: int, *, published: bool) -> Article | None:
    """Add one article with its photos. Raises _RefusedError, which rolls it back."""
    # Of two that press the button at once, the second finds it added.
    group = pile.groups.select_for_update().filter(pk=key, added=False, left_out=False).first()
    if group is None:
        return None
    article = Article(
        sku=group.sku.strip(),
        name=group.name.strip(),
        name_fr=group.name_fr.strip(),
        category_id=group.category_id,
        price=group.price,
        published=published,
    )
    _check(article)
    try:
        with transaction.atomic():
            article.save()
    except IntegrityError as error:
        raise _RefusedError(sku=Message.of("pile.sku_taken", sku=article.sku)) from error
    article.colours.set(group.colours.all())
    photos = list(group.photos.all())
    for position, photo in enumerate(photos):
        try:
            with photo.file.open("rb") as file:
                content = ContentFile(file.read(), name=photo.name.rpartition("/")[2][-100:])
            services.add_photo(article, content, position=position)
        except ImageError as error:
            raise _RefusedError(photos=error.message) from error
        except OSError as error:
            told = Message.of("photo.not_read", photo=photo.name, error=str(error.strerror or error))
            raise _RefusedError(photos=told) from error
    names = [photo.file.name for photo in photos if photo.file.name]
    group.photos.update(file="")
    group.article, group.added, group.errors = article, True, {}
    group.save()
    transaction.on_commit(lambda: _remove(names), robust=True)
    return article


def _check(article: Article) -> None:
    """Raise _RefusedError for what an article must have, or must not have."""
    errors: dict[str, Message] = {}
    if not article.sku:
        errors["sku"] = Message.of("cell.empty")
    elif same := Article.objects.filter(sku__iexact=article.sku).first():
        errors["sku"] = Message.of("pile.sku_taken", sku=same.sku)
    if not article.name:
        errors["name"] = Message.of("pile.no_name")
    if not errors:
        try:
            article.clean_fields(exclude=["slug"])
        except ValidationError as error:
            errors = {field: Message.of("text", text=" ".join(texts)) for field, texts in error.message_dict.items()}
    if errors:
        raise _RefusedError(**errors)


def _remove(names: list[str]) -> None:
    for name in names:
        pile_photo_storage().delete(name)
