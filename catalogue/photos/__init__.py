"""Photo files: where they lie, what they must be, and their renditions."""
