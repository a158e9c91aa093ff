"""Search by photo over HTTP."""
