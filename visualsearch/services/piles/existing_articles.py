"""What articles that exist are proposed to be, from their photos: category, colours and names, where they have none.

A bulk change of the catalogue: staff see how far it is, what it left out and why, and can take it back. What it sets is
marked as proposed until somebody confirms it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PIL.Image import Image

from catalogue import history
from catalogue.exceptions import ImageError, StoreUnreachableError
from catalogue.feeds.folder_reader import NAMELESS
from catalogue.imaging import read_image
from catalogue.models import Article, ChangeSet, Colour, Photo, article_slug
from catalogue.naming import name_key, says_nothing
from catalogue.photos.validators import photo_limits
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.services.indexing.embedding import DECODE_SIZE
from visualsearch.services.piles.looking import Look, look
from visualsearch.services.piles.proposals import common_colours, label_of, names_of
from visualsearch.services.retrieval.label_categories import categories_of

ACTION = "propose"
# Of an article's photos the first ones, which show all of it.
PHOTOS_AN_ARTICLE = 2
ARTICLES_AT_ONCE = 4


def begin(article_ids: Sequence[int], *, by: Any, after: str = "") -> ChangeSet | None:
    """Begin to propose what articles are, and return the change; a task is to be queued for it.

    `after` is the change that made them: for each, this is begun once. None if it was.
    """
    if after and ChangeSet.objects.filter(action=ACTION, params__after=after).exists():
        return None
    return history.begin(ACTION, article_ids, by=by, params={"after": after} if after else None)


def look_at(article_ids: Sequence[int]) -> dict[int, list[Look]]:
    """Return what is seen in the photos of each article; of one without a photo that can be read, nothing.

    Raises NotNowError while no model can look.
    """
    seen: dict[int, list[Look]] = {key: [] for key in article_ids}
    pictures: list[tuple[int, Image]] = []
    for article in Article.objects.filter(pk__in=article_ids).select_related("category").prefetch_related("photos"):
        if not any(_open(article)):
            continue
        # Not sliced: that would ask for the photos again.
        found = map(_picture_of, list(article.photos.all())[:PHOTOS_AN_ARTICLE])
        pictures += [(article.pk, picture) for picture in found if picture is not None]
    if pictures:
        try:
            looks = look([picture for _, picture in pictures], list(Colour.objects.all()))
        except SearchUnavailableError as error:
            raise history.NotNowError(str(error)) from error
        for (key, _), one in zip(pictures, looks, strict=True):
            seen[key].append(one)
    return seen


def _picture_of(photo: Photo) -> Image | None:
    limits = photo_limits()
    try:
        with photo.file.open("rb") as file:
            return read_image(io.BytesIO(file.read(limits.max_bytes + 1)), limits=limits, target=DECODE_SIZE)
    except StoreUnreachableError as error:
        raise history.NotNowError(str(error)) from error
    except (ImageError, OSError):
        # Its own row says so: it cannot be found by photo either.
        return None


def apply(seen: Mapping[int, Sequence[Look]]) -> history.Outcome:
    """Fill in suggestions where nobody has entered anything. Call it in a transaction, within a recording."""
    outcome, palette = history.Outcome(), list(Colour.objects.all())
    articles = Article.objects.filter(pk__in=seen).order_by("pk").select_for_update()
    for article in articles:
        open_names = set(_open(article))
        if not open_names:
            outcome.leave(article.sku, "history.nothing_to_propose")
        elif not seen[article.pk]:
            outcome.leave(article.sku, "history.no_photo_to_look_at")
        else:
            _propose(article, seen[article.pk], palette, open_names, outcome)
    return outcome


def _open(article: Article) -> Iterable[str]:
    """Yield the keys of PROPOSABLE for which nobody has entered anything."""
    if article.category_id is None or "category" in article.proposed:
        yield "category"
    if "colours" in article.proposed or not article.colours.exists():
        yield "colours"
    if "name" in article.proposed or is_unnamed(article):
        yield "name"


def is_unnamed(article: Article) -> bool:
    """Return whether nobody named an article: it is called as a camera called its file, or as imports of photos do."""
    # Numbers alone may be a shop's own, and a short name is one: "501", "Sam".
    if not says_nothing(article.sku) or article.sku.isdecimal():
        return False
    if article.name == article.sku or (article.name, article.name_fr) == NAMELESS:
        return True
    names = {article.category.name, article.category.name_fr} if article.category and not article.name_fr else set()
    return name_key(article.name) in map(name_key, names)


def _propose(
    article: Article, looks: Sequence[Look], palette: Sequence[Colour], names: set[str], outcome: history.Outcome
) -> None:
    """Set what the photos show under these keys, and note whether that changes anything."""
    before, coloured = _said(article), False
    label, colours = label_of(looks), common_colours(looks, palette)
    category = categories_of([label])[label] if label else None
    found: set[str] = set()
    if "category" in names and category is not None:
        article.category = category
        found.add("category")
    if "colours" in names and colours:
        coloured = set(article.colours.all()) != set(colours)
        article.colours.set(colours)
        found.add("colours")
    if "name" in names:
        shown = colours if "colours" in names else list(article.colours.all())
        name, name_fr = names_of(label, article.category, shown)
        if name:
            if article.slug == article_slug(article.name):
                article.slug = article_slug(name)
            article.name, article.name_fr = name, name_fr
            found.add("name")
    # In one order, so that the same proposals are the same value.
    article.proposed = sorted(found.union(article.proposed))
    if coloured or _said(article) != before:
        article.save()
        outcome.changed += 1
    else:
        outcome.leave(article.sku, "history.proposed_already" if found else "history.nothing_seen")


def _said(article: Article) -> tuple[Any, ...]:
    return article.category_id, article.name, article.name_fr, article.proposed


history.SLOW_ACTIONS[ACTION] = history.SlowAction(look_at, apply, ARTICLES_AT_ONCE)
