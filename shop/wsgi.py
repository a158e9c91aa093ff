"""The WSGI application that gunicorn serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from shop.http.pulse import show_pulse
from shop.http.request_limits import receive_first

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = show_pulse(
    receive_first(get_wsgi_application(), most_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE), settings.PULSE_DIR
)
