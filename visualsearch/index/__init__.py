"""Engines that find the vectors nearest to one. No Django: everything comes through arguments."""
