"""From a photo to a query, and from a query to articles."""
