"""Monitoring: health, Prometheus metrics, the staff's dashboard, and diagnosis."""
