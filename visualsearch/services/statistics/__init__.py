"""What is counted of searches and embedding: per process for Prometheus, per day for staff."""
