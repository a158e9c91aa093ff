"""From photos to vectors, and from vectors to this process's index."""
