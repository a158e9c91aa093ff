"""From a pile of photos to articles: which photos are of one article, what it is proposed to be, and adding it."""

from __future__ import annotations

from visualsearch.services.piles.adding import add_articles
from visualsearch.services.piles.editing import Moves, move
from visualsearch.services.piles.worker import KIND, MOST_PHOTOS, cancel, forget, receive, run_slice

__all__ = ["KIND", "MOST_PHOTOS", "Moves", "add_articles", "cancel", "forget", "move", "receive", "run_slice"]
