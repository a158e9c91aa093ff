"""Search by photo as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisualSearchConfig(AppConfig):
    """Vectors, index and search."""

    name = "visualsearch"
    verbose_name = _("Search by photo")
    # Models of which other roles than owners see nothing (catalogue/roles.py).
    owner_models = frozenset({"modelversion", "versionday", "webhookattempt"})

    def ready(self) -> None:
        # What they register, they do when they are imported; receivers and rates need loaded models.
        from visualsearch import checks, problems, receivers  # noqa: F401, PLC0415
        from visualsearch.services.monitoring import todos  # noqa: F401, PLC0415
        from visualsearch.services.piles import existing_articles  # noqa: F401, PLC0415
        from visualsearch.services.search import quotas  # noqa: F401, PLC0415
