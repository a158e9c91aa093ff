"""What `benchmark search` and `benchmark bulk` are made of: photos, lower_bounds, clients, stock, engines."""
