"""Reading the environment; settings.py says what of it."""

from __future__ import annotations

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


class Env(environ.Env):
    """The environment, which says which setting it is that cannot be read."""

    def get_value(self, var: str, *args: Any, **options: Any) -> Any:
        try:
            return super().get_value(var, *args, **options)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} cannot be {self.ENVIRON[var]!r}. See docs/configuration.md.") from error
