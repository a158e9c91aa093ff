"""Spelling: what a word may have been meant as, one slip of the finger away.

A slip is a letter too many, one missing, one for another, or two swapped: a Damerau-Levenshtein distance of 1. All such
words are made and looked up at once (P. Norvig, How to Write a Spelling Corrector, 2007), so that neither engine needs
an extension.
"""

from __future__ import annotations

import string

from catalogue.models import SearchWord
from catalogue.text_search.analysis import fold

# A slip in a shorter word makes it another one: "hat", "what".
SLIP_MIN_CHARACTERS = 5
SLIP_MAX_CHARACTERS = 20
MAX_CANDIDATES = 8


def slips(word: str) -> set[str]:
    """Return all words one slip away from a folded one."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    letters = string.ascii_lowercase
    return {
        *(left + right[1:] for left, right in cuts if right),
        *(left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1),
        *(left + letter + right[1:] for left, right in cuts if right for letter in letters),
        *(left + letter + right for left, right in cuts for letter in letters),
    } - {word}


def spelled(word: str, known: frozenset[str]) -> list[str]:
    """Return the words one slip away that articles have, or that are among the known ones: as they are written.

    Those with the same first letter come first: it is rarely the wrong one (J. Pollock and A. Zamora, Automatic
    Spelling Correction in Scientific and Scholarly Text, 1984). One query; none for a word too short or too long.
    """
    folded = fold(word)
    if not SLIP_MIN_CHARACTERS <= len(folded) <= SLIP_MAX_CHARACTERS or not folded.isalpha():
        return []
    near = slips(folded)
    written = dict(SearchWord.objects.filter(folded__in=sorted(near)).values_list("folded", "written"))
    written |= {name: name for name in near & known if name not in written}
    order = sorted(written, key=lambda name: (name[:1] != folded[:1], len(name) != len(folded), name))
    return [written[name] for name in order[:MAX_CANDIDATES]]
