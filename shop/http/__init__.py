"""The HTTP layer: request deadlines and load shedding, gunicorn, compression, static files, login lockout."""
