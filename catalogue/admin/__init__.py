"""Admin pages, one module each. Django's autodiscovery imports this package."""

from catalogue.admin import articles, terms, users  # noqa: F401  (register their models)
