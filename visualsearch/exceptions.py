"""Search by photo's branch of the error tree (root: catalogue/exceptions.py).

VisualSearchError
├── ModelUnavailableError      no model file, a damaged one, or one of another card
├── SnapshotError              a snapshot that fails its checks; it is set aside
├── SearchUnavailableError     nothing can search now
├── InvalidTokenError          not a token of ours, or a changed one
├── TokenOutdatedError         a token of a model version that is retired or was rebuilt
├── LinkNotFoundError          no short link of this id
├── LinkExpiredError           a short link whose time is over
└── RolloutError               a model version that cannot be tried or put to work as asked
"""

from __future__ import annotations

import visualsearch.messages  # noqa: F401  (registers the words)
from catalogue.exceptions import VitrineError


class VisualSearchError(VitrineError):
    """Root of the search branch."""


class ModelUnavailableError(VisualSearchError):
    """A model cannot be opened."""

    code = "model_unavailable"


class SnapshotError(VisualSearchError):
    """A snapshot's files do not hold what their manifest says."""

    code = "snapshot_damaged"


class SearchUnavailableError(VisualSearchError):
    """Nothing can search now; it may later."""

    code = "search_unavailable"


class InvalidTokenError(VisualSearchError):
    """Not a token of this shop."""

    code = "invalid_token"


class TokenOutdatedError(VisualSearchError):
    """A token of a model version that is retired, or was rebuilt with other parts."""

    code = "token_outdated"


class LinkNotFoundError(VisualSearchError):
    """No link of this shop, or one that was removed."""

    code = "link_not_found"


class LinkExpiredError(VisualSearchError):
    """A link whose time is over."""

    code = "link_expired"


class RolloutError(VisualSearchError):
    """An operation is impossible in the present state of a model version."""

    code = "rollout"
