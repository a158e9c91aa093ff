"""Tests of the shop as its processes: real web, workers, broker, database."""
