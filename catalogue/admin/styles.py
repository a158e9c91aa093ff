"""The style sheets of the shop's own admin pages, by subject: later ones may add to what earlier ones say."""

from __future__ import annotations

STYLES = ("admin/shop.css", "admin/imports.css", "admin/photo_forms.css", "admin/alike.css")
