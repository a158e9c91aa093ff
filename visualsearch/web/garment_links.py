"""The garments of a shopper's photo, as links that search for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from visualsearch.inference.types import Box
from visualsearch.services.labels import in_words
from visualsearch.services.retrieval.options import SearchOptions
from visualsearch.services.search.photo_search import PhotoSearch


@dataclass(frozen=True, slots=True)
class GarmentLink:
    """A garment as the shop calls it, where it is in the photo, and the URL of the results of searching for it."""

    name: str
    box: Box
    address: str
    chosen: bool


def garment_links(
    result: PhotoSearch, options: SearchOptions, url_of: Callable[[SearchOptions], str]
) -> list[GarmentLink]:
    """Return the photo's garments, best first; none of a photo that shows one only.

    `url_of` returns the URL of a search's results. Filters stay, but for categories: they are of the other garment.
    """
    query = result.query
    if len(query.garments) < 2:
        return []
    others = replace(options, filters=replace(options.filters, categories=()), kind_first=True, offset=0)
    links = []
    for number, garment in enumerate(query.garments, 1):
        first = garment.predictions[0]
        category = result.categories[first.label]
        name = category.title if category else in_words(first.name)
        links.append(GarmentLink(name, garment.box, url_of(replace(others, garment=number)), number == query.number))
    return links
