"""The verbs of search by photo."""
