"""Admin pages, one module each. Django's autodiscovery imports this package."""

from catalogue.admin import api_tokens, articles, synonyms, terms, users  # noqa: F401  (register their models)
