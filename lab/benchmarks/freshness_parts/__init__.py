"""Parts of `benchmark freshness`: a saver, a probe for each web process, and tables."""
