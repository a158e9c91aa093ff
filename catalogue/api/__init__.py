"""The catalogue over HTTP: articles and categories as JSON."""
