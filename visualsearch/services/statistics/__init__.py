"""Statistics of searches and embedding: Prometheus metrics per process, and daily counts for staff."""
