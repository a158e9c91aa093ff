"""Browsing the catalogue: filters, facets, listings, the category tree, text search and suggestions."""
