"""Moving photos between the articles of a pile, and choosing main photos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from catalogue.models import Colour
from visualsearch.models import Pile, PileGroup, PilePhoto
from visualsearch.services.piles import proposals

NUMBER_AT_MOST = 9_999


@dataclass(frozen=True, slots=True)
class Moves:
    """To which number each photo (by id) goes; and which photo (by id) is the main one of its article.

    A number that no article has makes a new one; 0 one for this photo alone.
    """

    numbers: Mapping[int, int] = field(default_factory=dict)
    mains: frozenset[int] = frozenset()


@transaction.atomic
def move(pile: Pile, moves: Moves) -> int:
    """Move photos, and remove the articles that have none left. Returns how many photos moved.

    Photos do not leave an article that was added, and do not come to it.
    """
    # One at a time: two who sort a pile together see each other's numbers.
    Pile.objects.select_for_update().get(pk=pile.pk)
    groups = {group.number: group for group in pile.groups.all()}
    photos = {photo.pk: photo for photo in pile.photos.filter(failed=False, group__added=False).select_related("group")}
    new: dict[int, list[PilePhoto]] = {}
    moved: list[PilePhoto] = []
    for key, number in moves.numbers.items():
        photo = photos.get(key)
        if photo is None or photo.group is None or number == photo.group.number or number > NUMBER_AT_MOST:
            continue
        target = groups.get(number)
        if target is None:
            target = groups[number or 0] = PileGroup(pile=pile, number=number or _next(groups))
            target.save()
            # Later zeros make articles of their own.
            groups[target.number] = groups.pop(number or 0)
        if target.added:
            continue
        photo.group, photo.position = target, photo.number + 10_000
        moved.append(photo)
        if not target.name and not target.sku:
            new.setdefault(target.number, []).append(photo)
    PilePhoto.objects.bulk_update(moved, ["group", "position"])
    palette, taken = list(Colour.objects.all()), proposals.taken_skus()
    taken |= {group.sku.casefold() for group in groups.values() if group.sku}
    for number, of_it in new.items():
        group = groups[number]
        colours = proposals.propose(group, of_it, palette, taken)
        group.save()
        group.colours.set(colours)
    pile.groups.filter(photos=None, added=False).delete()
    _order(pile, moves.mains)
    pile.save(update_fields=["touched"])
    return len(moved)


def _next(groups: Mapping[int, PileGroup]) -> int:
    return max(groups, default=0) + 1


def _order(pile: Pile, mains: frozenset[int]) -> None:
    """Set the positions of the photos of each article from 0, its main photo first."""
    changed: list[PilePhoto] = []
    for group in pile.groups.filter(added=False).prefetch_related("photos"):
        photos = sorted(group.photos.all(), key=lambda photo: (photo.pk not in mains, photo.position, photo.number))
        for position, photo in enumerate(photos):
            if photo.position != position:
                photo.position = position
                changed.append(photo)
    PilePhoto.objects.bulk_update(changed, ["position"])
