"""The WSGI application that the web server serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from shop.http.pulse import show_pulse
from shop.http.request_limits import limit_requests
from shop.operations.database_limits import limit_web

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
served = get_wsgi_application()
limit_web()
application = show_pulse(limit_requests(served), settings.PULSE_DIR)
