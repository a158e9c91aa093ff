"""The HTTP layer: the web server and its limits, load shedding, compression, static files, login lockout."""
