"""Template tags of search by photo."""
