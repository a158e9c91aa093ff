"""The order of results by similarity and by the kind of garment that a photo shows."""

from __future__ import annotations

from collections.abc import Sequence

from visualsearch.inference.descriptor import Settings

# So many of the nearest articles are ranked by kind; further ones look too little like the photo. All pages of a search
# are cut from one ranking.
RANKED_AMONG = 96


def order_by_kind(similarities: Sequence[float], chances: Sequence[float], settings: Settings) -> list[int]:
    """Return the places of articles in their order by kind.

    `similarities` descend, two at least; `chances` are the probabilities, 0 to 1, that the photo shows each article's
    kind.
    """
    bonuses = [settings.kind_bonus * chance for chance in chances]
    ahead = (similarities[0] - similarities[1]) / settings.standing_out
    bonuses[0] = max(bonuses[0], max(bonuses) * min(ahead, 1.0))
    ranks = [-similarity - bonus for similarity, bonus in zip(similarities, bonuses, strict=True)]
    # Of equal ranks the nearer comes first: sorting is stable.
    return sorted(range(len(ranks)), key=ranks.__getitem__)
