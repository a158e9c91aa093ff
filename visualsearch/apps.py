"""Search by photo as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisualSearchConfig(AppConfig):
    """Vectors, index and search."""

    name = "visualsearch"
    verbose_name = _("Search by photo")

    def ready(self) -> None:
        from visualsearch import checks, receivers  # noqa: F401, PLC0415  (receivers need loaded models)
