"""The shop's settings, changed where a test needs it."""

import os
import tempfile

# A folder of its own for each test process, and a short name: a socket's path has 107 characters at the most.
os.environ.setdefault("SHOP_DATA_DIR", tempfile.mkdtemp(prefix="vitrine-"))

from shop.settings import *  # noqa: E402, F403
from shop.settings import STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Manifest storage wants collectstatic before every test.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
