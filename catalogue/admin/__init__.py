"""Staff's pages, a module each. Django looks for them here."""

from catalogue.admin import articles  # noqa: F401  (registers its models)
