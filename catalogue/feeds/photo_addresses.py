"""Photos that a row gives by URL: which are new, which are gone, and what is shown until they are fetched."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

from catalogue.exceptions import NotFetchedError
from catalogue.feeds.rows import CellError
from catalogue.imaging import plain_address
from catalogue.messages.message import shorten
from catalogue.models import URL_AT_MOST, Article, Photo, PhotoSource

# More pictures than this in one article indicate a malformed feed.
PICTURES_AT_MOST = 200
# A message quotes at most this many characters of an address.
ADDRESS_AT_MOST = 100


def read_addresses(urls: Sequence[str]) -> tuple[str, ...]:
    """Return the URLs, normalised, each once. Raises CellError for an invalid or too long one, or for too many."""
    found = dict.fromkeys(read_address(url) for url in filter(None, (url.strip() for url in urls)))
    check_number(found)
    return tuple(found)


def read_address(url: str) -> str:
    """Return a URL, normalised. Raises CellError for an invalid or too long one."""
    try:
        address, _ = plain_address(url)
    except NotFetchedError as error:
        raise CellError("cell.address", address=shorten(url, ADDRESS_AT_MOST), reason=error.message) from error
    if len(address) > URL_AT_MOST:
        raise CellError("cell.address_too_long", address=shorten(url, ADDRESS_AT_MOST), limit=URL_AT_MOST)
    return address


def check_number(urls: Collection[str]) -> None:
    """Raise CellError for more pictures than an article may have."""
    if len(urls) > PICTURES_AT_MOST:
        raise CellError("cell.too_many_addresses", number=len(urls), limit=PICTURES_AT_MOST)


@dataclass
class AddressPlan:
    """The differences between an article's photo sources and the URLs of its row."""

    # All sources that the row names; of these, the new ones, and those that change in more than `due`; the others.
    wanted: list[PhotoSource] = field(default_factory=list)
    added: list[PhotoSource] = field(default_factory=list)
    altered: list[PhotoSource] = field(default_factory=list)
    gone: list[PhotoSource] = field(default_factory=list)
    # The article's photos that no source refers to any more, and those whose position changes.
    photos_gone: list[Photo] = field(default_factory=list)
    photos_moved: list[Photo] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        return bool(self.added or self.altered or self.gone or self.photos_gone or self.photos_moved)


def plan_addresses(article: Article, urls: tuple[str, ...], alts: tuple[str, ...], *, now: datetime) -> AddressPlan:
    """Compare an article with the URLs of its row. Each is due `now`, so that a changed picture is noticed.

    A photo that no source refers to is shown in place of a picture that is not fetched yet, if there is one. So an
    article never loses its photos to a server that does not answer, and a picture that only moved keeps its vector.
    """
    plan = AddressPlan()
    kept = {} if article.pk is None else {source.url: source for source in article.photo_sources.all()}
    for position, (url, alt) in enumerate(zip_longest(urls, alts[: len(urls)], fillvalue="")):
        source = kept.pop(url, None)
        if source is None:
            source = PhotoSource(article=article, url=url, host=plain_address(url)[1])
            plan.added.append(source)
        elif (source.position, source.alt) != (position, alt):
            plan.altered.append(source)
        source.position, source.alt = position, alt
        source.due, source.attempts = now, 0
        plan.wanted.append(source)
    plan.gone = list(kept.values())
    _share_photos(article, plan)
    return plan


def _share_photos(article: Article, plan: AddressPlan) -> None:
    photos = [] if article.pk is None else list(article.photos.all())
    shown = {source.photo_id for source in plan.wanted}
    left = [photo for photo in photos if photo.pk not in shown]
    for source in plan.wanted:
        if source.photo_id is None and left:
            source.photo = left.pop(0)
            if source.pk and source not in plan.altered:
                plan.altered.append(source)
    plan.photos_gone = left
    position_of: dict[int | None, int] = {}
    for source in plan.wanted:
        position_of.setdefault(source.photo_id, source.position)
    for photo in photos:
        position = position_of.get(photo.pk, photo.position)
        if photo.position != position:
            photo.position = position
            plan.photos_moved.append(photo)
