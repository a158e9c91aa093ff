"""The catalogue over HTTP: articles and categories as JSON."""

from catalogue.api import field_errors  # noqa: F401  (the texts of fields, before serializers are made)
