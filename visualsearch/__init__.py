"""Search by photo: what a picture shows, and which articles look like it. Knows the catalogue."""
