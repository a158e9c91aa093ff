"""A shop of its own that is written to, searched and killed at random, and must have lost nothing in the end."""
