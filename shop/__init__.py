"""Assembles the catalogue and search by photo into one site."""
