"""Chaos tests: processes of a trial shop are killed during writes and searches; no acknowledged write may be lost."""
