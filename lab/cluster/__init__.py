"""A cluster on one machine, to try what is promised of several."""
