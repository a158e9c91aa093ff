"""Indexing: embedding of photos, the change log of vectors, and keeping this process's index up to date."""
