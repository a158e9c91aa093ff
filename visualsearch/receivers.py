"""Placeholder until services exist."""
