"""The shop's catalogue: what is sold. Knows nothing of search by photo."""
