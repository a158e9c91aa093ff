"""The catalogue as a Django app."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    """Articles, categories and photos."""

    name = "catalogue"
    verbose_name = _("Catalogue")
    # Models of which other roles than owners see nothing (catalogue/roles.py).
    owner_models = frozenset({"apiclient"})

    def ready(self) -> None:
        from catalogue import receivers  # noqa: F401, PLC0415  (receivers need loaded models)
        from catalogue.imaging.lanes import share_lanes  # noqa: PLC0415  (commands that import nothing start sooner)

        share_lanes(settings.DATA_DIR)
