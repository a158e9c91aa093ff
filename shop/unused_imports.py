"""Skips imports of two libraries that this shop does not use, to shorten the start of each process.

Django REST framework imports `requests` and `django.contrib.postgres`, hence psycopg, wherever they are installed, for
a test client and for fields that no model has. drf-spectacular imports a test client, hence `django.test`, to write
the OpenAPI document. Together these took a sixth of a web process's import time.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

# Made to fail inside Django REST framework, which then works without them, as if they were not installed.
OPTIONAL = ("requests", "django.contrib.postgres")


def import_without_extras() -> None:
    """Import the two libraries without their unused dependencies."""
    with _in_place(dict.fromkeys(OPTIONAL)):
        importlib.import_module("rest_framework.compat")
    if "rest_framework.test" not in sys.modules:
        with _in_place({"rest_framework.test": _RequestFactoryOnFirstUse("rest_framework.test")}):
            importlib.import_module("drf_spectacular.plumbing")


class _RequestFactoryOnFirstUse(ModuleType):
    """A lazy substitute of `rest_framework.test`, of which drf-spectacular uses one class."""

    @staticmethod
    def APIRequestFactory(*args: Any, **kwargs: Any) -> Any:  # noqa: N802  (named as what it stands for)
        return importlib.import_module("rest_framework.test").APIRequestFactory(*args, **kwargs)


@contextmanager
def _in_place(modules: dict[str, ModuleType | None]) -> Iterator[None]:
    """Replace these modules in sys.modules, None making their import fail, and restore the former ones."""
    before = {name: sys.modules[name] for name in modules if name in sys.modules}
    sys.modules.update(modules)  # type: ignore[arg-type]  # None makes an import fail, as importlib documents
    try:
        yield
    finally:
        for name in modules:
            del sys.modules[name]
        sys.modules.update(before)
