"""Model versions: which there are, which serves, and how a new one is tried."""
