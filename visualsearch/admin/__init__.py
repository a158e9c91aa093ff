"""Admin pages, one module each. Django's autodiscovery imports this package."""

from visualsearch.admin import articles  # noqa: F401  (registers its models)
