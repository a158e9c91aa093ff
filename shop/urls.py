"""The URL configuration. Pages have addresses below /fr/ and /en/ too; admin, API and pictures have one address."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path, reverse_lazy

from catalogue.web import sitemaps
from catalogue.web.languages import in_every_language
from catalogue.web.urls import root_urlpatterns
from shop.http.admin_language import without_language_prefix
from shop.observability.metrics import metrics

# "View site" leads to the pages in the language of the admin.
admin.site.site_url = reverse_lazy("catalogue:home")  # type: ignore[assignment]  # a lazy str

urlpatterns = [
    path("admin/", admin.site.urls),
    re_path(r"^(?P<language>[a-z-]+)/admin(?:/(?P<page>.*))?$", without_language_prefix),
    path("api/", include("catalogue.api.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("metrics", metrics, name="metrics"),
    path("sitemap.xml", sitemaps.index, name="sitemaps"),
    # Named as Django's own, which lists its address.
    path("sitemap-<section>.xml", sitemaps.section, name="django.contrib.sitemaps.views.sitemap"),
    *root_urlpatterns,
]
pages = [path("", include("catalogue.web.urls"))]
if settings.VISUAL_SEARCH:
    urlpatterns.insert(0, path("api/", include("visualsearch.api.urls")))
    pages.insert(0, path("search/", include("visualsearch.web.urls")))
    pages.insert(0, path("s/", include("visualsearch.web.link_urls")))
urlpatterns += in_every_language(*pages)

handler400 = "catalogue.web.error_pages.bad_request"
handler403 = "catalogue.web.error_pages.permission_denied"
handler404 = "catalogue.web.error_pages.page_not_found"
handler500 = "catalogue.web.error_pages.server_error"
