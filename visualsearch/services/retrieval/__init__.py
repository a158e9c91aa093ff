"""Retrieval: query tokens, nearest-neighbour search with filters, and the articles of the results."""
