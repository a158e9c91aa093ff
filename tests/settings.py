"""The shop's settings, changed where a test needs it."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# A process that ends without ceremony, as mypy does and the children of multiprocessing, leaves its folder to the next.
for left in Path(tempfile.gettempdir()).glob("vitrine-[0-9]*-*"):
    if Path("/proc/self").exists() and not Path("/proc", left.name.split("-")[1]).exists():
        shutil.rmtree(left, ignore_errors=True)
# A folder of its own for each test process, and a short name: a socket's path has 107 characters at the most.
os.environ["SHOP_DATA_DIR"] = tempfile.mkdtemp(prefix=f"vitrine-{os.getpid()}-")
atexit.register(shutil.rmtree, os.environ["SHOP_DATA_DIR"], ignore_errors=True)

from shop.settings import *  # noqa: E402, F403
from shop.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Manifest storage wants collectstatic before every test.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# A file, as a shop has it: locks of a database in memory are others.
DATABASES["default"]["TEST"] = (
    {"NAME": DATA_DIR / "test.sqlite3"} if DATABASES["default"]["ENGINE"].endswith("sqlite3") else {}
)
# A test looks at what it has just saved.
INDEX_REFRESH_S = 0.0
# WhiteNoise warns of a folder that is not there, and warnings are errors.
STATIC_ROOT.mkdir()  # noqa: F405
