"""Chaos tests: a trial shop is written to and searched while its processes are killed; no data may be lost."""
