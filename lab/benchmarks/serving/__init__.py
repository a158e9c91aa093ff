"""Parts of `benchmark search` and `benchmark bulk`: photos, lower bounds, load clients, stock, inference engines."""
