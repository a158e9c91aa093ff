"""Photo files: storage, upload handlers, validation, and renditions."""
