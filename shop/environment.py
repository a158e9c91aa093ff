"""Reading of environment variables for settings.py, with clear errors."""

from __future__ import annotations

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

# Former names of settings, and the present ones.
RENAMED = {
    "SHOP_SWEEP_EVERY_S": "SHOP_RECONCILE_INTERVAL_S",
    "SHOP_INDEX_FOLD_CHANGES": "SHOP_INDEX_COMPACT_CHANGES",
    "SHOP_INDEX_FOLD_SHARE": "SHOP_INDEX_COMPACT_SHARE",
}


class Env(environ.Env):
    """django-environ's reader, whose errors name the variable that cannot be parsed."""

    def get_value(self, var: str, *args: Any, **options: Any) -> Any:
        try:
            return super().get_value(var, *args, **options)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} cannot be {self.ENVIRON[var]!r}. See docs/configuration.md.") from error

    def refuse_renamed(self) -> None:
        """Raise ImproperlyConfigured for a setting under its former name, which would otherwise be ignored."""
        for old, new in RENAMED.items():
            if old in self.ENVIRON:
                raise ImproperlyConfigured(f"{old} is called {new} now. Rename it.")
