"""The WSGI application that the web server serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from shop.http.pulse import show_pulse
from shop.http.request_limits import limit_requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = show_pulse(limit_requests(get_wsgi_application()), settings.PULSE_DIR)
