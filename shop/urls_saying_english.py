"""The URL configuration of pages whose address says that it is in the default language: so do their links."""

from __future__ import annotations

from catalogue.web.languages import in_every_language
from shop import urls
from shop.urls import handler400, handler403, handler404, handler500, pages

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [*urls.urlpatterns[:-1], *in_every_language(*pages, says_default=True)]
