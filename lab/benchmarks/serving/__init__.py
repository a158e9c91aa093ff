"""What `benchmark search` and `benchmark bulk` are made of: photos, floors, clients, stock, engines."""
