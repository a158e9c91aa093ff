"""The pages of search by photo."""
