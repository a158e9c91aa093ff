"""Staff's pages, a module each. Django looks for them here."""

from visualsearch.admin import articles  # noqa: F401  (registers its models)
