"""The project as a Django app: its commands, and a start without unused imports."""

from __future__ import annotations

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Provides the commands, and skips unused imports at start."""

    name = "shop"

    def ready(self) -> None:
        # Here, and not at the head of settings: both libraries need loaded apps. Before the admin's modules, which
        # are the first to import them.
        from shop.unused_imports import import_without_extras  # noqa: PLC0415  (as said above)

        import_without_extras()
