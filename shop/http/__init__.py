"""How requests are received and answered: limits, gunicorn, compression, static files, login."""
