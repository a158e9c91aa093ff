"""How articles are chosen: filters, facets, lists, the tree of categories, text search, suggestions."""
