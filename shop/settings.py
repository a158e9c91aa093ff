"""Every setting of the shop; the only reader of the environment. docs/configuration.md and .env.example list them."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from corsheaders.defaults import default_headers
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from shop.environment import Env
from shop.observability.logs import logging_config
from shop.observability.metric_files import use_allocated_files
from shop.operations.data_folder import broker_socket, open_data_folder, open_pulse_folder, shared_memory_folder
from shop.operations.secret_key import kept_secret_key
from shop.operations.stores import bucket_storages, file_storages

env = Env()
env.refuse_renamed()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = open_data_folder(env.str("SHOP_DATA_DIR", default=str(BASE_DIR / "data")))
RUN_DIR = DATA_DIR / "run"
# Where `make run` has what must go on when the disk is full.
SHARED_DIR = shared_memory_folder(RUN_DIR)
# Where processes show that they do not hang; one that is named is for the health check of a container.
PULSE_DIR = open_pulse_folder(env.str("SHOP_PULSE_DIR", default=""), SHARED_DIR / "pulse")

SECRET_KEY = env.str("SHOP_SECRET_KEY", default="") or kept_secret_key(DATA_DIR)
DEBUG = env.bool("SHOP_DEBUG", default=False)
ALLOWED_HOSTS = env.list("SHOP_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("SHOP_TRUSTED_ORIGINS", default=[])
VERSION = "0.1.0"
# The address on which `make run` listens.
BIND = env.str("SHOP_BIND", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
if not 0 < PORT < 65536:
    raise ImproperlyConfigured(f"PORT cannot be {PORT}: ports go from 1 to 65535.")

# Without visual search the shop has neither its app nor its URLs; the worker only fetches the photos of feeds.
VISUAL_SEARCH = env.bool("SHOP_VISUAL_SEARCH", default=True)

# lab/ is not in the production image; its commands exist where its folder does.
LAB = VISUAL_SEARCH and (BASE_DIR / "lab").is_dir()

INSTALLED_APPS = [
    *(["visualsearch"] if VISUAL_SEARCH else []),
    *(["lab"] if LAB else []),
    "catalogue",
    "shop",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "treebeard",
    "adminsortable2",
    "rest_framework",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "corsheaders",
    "axes",
]

MIDDLEWARE = [
    "shop.observability.logs.RequestLogMiddleware",
    "shop.http.patience.PatienceMiddleware",
    "shop.observability.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shop.http.compression.CompressionMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "catalogue.web.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "shop.http.second_factor.SecondFactorMiddleware",
    "catalogue.web.middleware.RecordingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "shop.http.login.KnownBrowserMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "catalogue.web.context_processors.shop",
                "shop.http.context_processors.parts",
            ]
        },
    }
]

# Database: SQLite serves one machine. IMMEDIATE takes the write lock at the start of a transaction, so that writers
# wait for one another instead of failing when a reading transaction turns into a writing one. ATOMIC_REQUESTS stays
# off: every page would take that lock.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL")
    if env.str("DATABASE_URL", default="")
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "shop.sqlite3")},
}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
# PostgreSQL's limits of a request, whatever a role has: seconds that it waits for a lock, and that a statement lasts;
# and the connections of a web process, which its threads share (0: each thread has its own). Workers and commands have
# others: shop/operations/database_limits.py.
LOCK_TIMEOUT_S = env.float("SHOP_LOCK_TIMEOUT_S", default=5.0)
STATEMENT_TIMEOUT_S = env.float("SHOP_STATEMENT_TIMEOUT_S", default=30.0)
DATABASE_CONNECTIONS = env.int("SHOP_DATABASE_CONNECTIONS", default=10)
# PostgreSQL counts milliseconds in 31 bits, and has 0 for no limit.
if not all(0 <= limit < 2_000_000 for limit in (LOCK_TIMEOUT_S, STATEMENT_TIMEOUT_S, DATABASE_CONNECTIONS)):
    raise ImproperlyConfigured(
        "SHOP_LOCK_TIMEOUT_S, SHOP_STATEMENT_TIMEOUT_S and SHOP_DATABASE_CONNECTIONS go from 0 (no limit) to 2,000,000."
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Broker and cache: one Redis or Valkey. Without an address it is the embedded one, on a socket in the data folder.
BROKER_SOCKET = broker_socket(RUN_DIR)
REDIS_URL = env.str("REDIS_URL", default="")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL or f"unix://{quote(str(BROKER_SOCKET))}?db=1",
        "KEY_PREFIX": "vitrine",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
CELERY_BROKER_URL = REDIS_URL or f"redis+socket://{quote(str(BROKER_SOCKET))}?virtual_host=0"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A task of a worker that died is redelivered after this many seconds. Without the two options after it, Kombu
    # checks for such tasks only every 100 s or so.
    "visibility_timeout": 120,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    # A hanging broker must not block publishers.
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    # No retries while the broker is down, so that a save is not delayed: Kombu would retry for six seconds.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# No limit, since Kombu counts a message whose acknowledgement failed against it for good: one time-out of the broker
# would end a worker that takes one message at a time. The solo pool runs a task as soon as it has its message.
CELERY_WORKER_PREFETCH_MULTIPLIER = 0
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "shop.operations.beat.FileScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(RUN_DIR / "beat-schedule")
# "photos" is for tasks that a person waits for, one photo each; "bulk" for imports, compaction and renditions. So a
# photo saved by hand never waits behind ten thousand imported ones.
CELERY_TASK_QUEUES = (Queue("photos"), Queue("bulk"))
CELERY_TASK_DEFAULT_QUEUE = "bulk"
CELERY_TASK_CREATE_MISSING_QUEUES = False
RECONCILE_INTERVAL_S = env.float("SHOP_RECONCILE_INTERVAL_S", default=10.0)
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "remove lost files": {"task": "catalogue.tasks.remove_lost_files", "schedule": timedelta(days=1)},
    "sweep history": {"task": "catalogue.tasks.sweep_history", "schedule": timedelta(hours=1)},
}
CELERY_BEAT_SCHEDULE["remove old drafts"] = {
    "task": "catalogue.tasks.remove_old_drafts",
    "schedule": timedelta(hours=1),
    "options": {"expires": 3600, "queue": "bulk"},
}
CELERY_BEAT_SCHEDULE["refresh sitemaps"] = {
    "task": "catalogue.tasks.refresh_sitemaps",
    "schedule": timedelta(hours=1),
    "options": {"expires": 3600, "queue": "bulk"},
}
CELERY_BEAT_SCHEDULE["reconcile jobs"] = {
    "task": "catalogue.tasks.reconcile_jobs",
    "schedule": RECONCILE_INTERVAL_S,
    "options": {"expires": RECONCILE_INTERVAL_S, "queue": "bulk"},
}
if VISUAL_SEARCH:
    CELERY_BEAT_SCHEDULE["reconcile"] = {
        "task": "visualsearch.tasks.reconcile",
        "schedule": RECONCILE_INTERVAL_S,
        # A reconciliation that waited this long has nothing to add to the next one.
        "options": {"expires": RECONCILE_INTERVAL_S, "queue": "photos"},
    }
    CELERY_BEAT_SCHEDULE["remove expired links"] = {
        "task": "visualsearch.tasks.remove_expired_links",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600, "queue": "bulk"},
    }
    CELERY_BEAT_SCHEDULE["check database"] = {
        "task": "visualsearch.tasks.check_database",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300, "queue": "bulk"},
    }
    CELERY_BEAT_SCHEDULE["keep search counts"] = {
        "task": "visualsearch.tasks.keep_search_counts",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60, "queue": "photos"},
    }

LANGUAGE_CODE = "en"
# Of addresses that say that they are in LANGUAGE_CODE.
URLCONF_SAYING_DEFAULT_LANGUAGE = "shop.urls_saying_english"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
# The language that somebody switched to. Kept, since the admin has one address for all languages.
LANGUAGE_COOKIE_AGE = int(timedelta(days=365).total_seconds())
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
FORMAT_MODULE_PATH = "shop.formats"
USE_TZ = True
TIME_ZONE = env.str("SHOP_TIME_ZONE", default="UTC")
CURRENCY = env.str("SHOP_CURRENCY", default="EUR")
SHOP_NAME = env.str("SHOP_NAME", default="Vitrine")

# Files. Original photos are stored unchanged and never served; renditions are rendered from them.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_URL = "/media/"
PHOTO_MAX_BYTES = env.int("SHOP_PHOTO_MAX_BYTES", default=20_000_000)
# Cameras of "50 megapixels" have up to 51.3.
PHOTO_MAX_PIXELS = env.int("SHOP_PHOTO_MAX_PIXELS", default=52_000_000)
# Memory that decoding one photo may take, in bytes. One costly photo is decoded at a time for requests, and one for
# workers.
PHOTO_MAX_MEMORY = env.int("SHOP_PHOTO_MAX_MEMORY", default=256_000_000)
# Limit of a file that staff upload to import, and of a feed; the command has no limit.
IMPORT_MAX_BYTES = env.int("SHOP_IMPORT_MAX_BYTES", default=500_000_000)
# A bucket of an S3-compatible store, for a shop of several machines. Without one, files are in the data folder.
S3_BUCKET: dict[str, Any] = {
    "name": env.str("SHOP_S3_BUCKET", default=""),
    "folder": env.str("SHOP_S3_FOLDER", default="").strip("/"),
    "endpoint": env.str("SHOP_S3_ENDPOINT", default=""),
    "region": env.str("SHOP_S3_REGION", default=""),
    "access_key": env.str("SHOP_S3_ACCESS_KEY", default=""),
    "secret_key": env.str("SHOP_S3_SECRET_KEY", default=""),
    "timeout_s": env.float("SHOP_S3_TIMEOUT_S", default=5.0),
}
# Both kinds, since `move_files` moves from one to the other.
FILE_STORAGES = file_storages(DATA_DIR, MEDIA_URL)
BUCKET_STORAGES = bucket_storages(
    S3_BUCKET,
    MEDIA_URL,
    # What is over the limit of a photo is kept until a worker says so beside its name; sitemaps have up to 12 MB.
    max_bytes={"photos": max(2 * PHOTO_MAX_BYTES, 50_000_000), "default": max(IMPORT_MAX_BYTES, 50_000_000)},
)
STORAGES: dict[str, dict[str, Any]] = {
    "staticfiles": {"BACKEND": "shop.http.static_files.StaticFilesStorage"},
    **(BUCKET_STORAGES if S3_BUCKET["name"] else FILE_STORAGES),
}
# The address before those of published photos: a CDN that asks the shop for what it does not have.
CDN_URL = env.str("SHOP_CDN_URL", default="").rstrip("/")
_CDN = urlsplit(CDN_URL)
if CDN_URL and not (_CDN.scheme in ("http", "https") and _CDN.netloc):
    raise ImproperlyConfigured(f"SHOP_CDN_URL cannot be {CDN_URL}. Write an address such as https://cdn.example.")
# Days that deleted articles and photos lie in the bin, and that changes can be looked up and taken back.
BIN_DAYS = env.int("SHOP_BIN_DAYS", default=30)
HISTORY_DAYS = env.int("SHOP_HISTORY_DAYS", default=90)
# The most seconds that the download of a feed may take. A worker does nothing else meanwhile.
FEED_TIMEOUT_S = env.float("SHOP_FEED_TIMEOUT_S", default=100.0)
# Rate limit of downloads: seconds between two requests to one host for the pictures of a feed.
FETCH_PAUSE_S = env.float("SHOP_FETCH_PAUSE_S", default=0.5)
# Base64 is a third longer than the picture; DRF reads a JSON body through Django, which refuses longer ones.
DATA_UPLOAD_MAX_MEMORY_SIZE = PHOTO_MAX_BYTES * 4 // 3 + 100_000
# Limits of a batch of photos: total size, and number of files.
BATCH_MAX_BYTES = env.int("SHOP_BATCH_MAX_BYTES", default=500_000_000)
# The most that is received of a request's body, from staff and API clients: imports, batches, piles.
REQUEST_MAX_BYTES = max(IMPORT_MAX_BYTES, BATCH_MAX_BYTES, 10 * PHOTO_MAX_BYTES) + 10_000_000
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000
# The table of a pile has a field for each photo of 20 articles: all thousand of it where they are one article's.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
# A shopper's photo is never written to disk, so uploads stay in memory whatever their size.
FILE_UPLOAD_HANDLERS = ["catalogue.photos.uploads.BoundedMemoryUploadHandler"]

# The bearer token that /metrics requires; if empty, only this machine may read it.
METRICS_TOKEN = env.str("SHOP_METRICS_TOKEN", default="")
# The folder in which processes share their metrics. prometheus_client reads the variable itself, before settings.
METRICS_FOLDER = env.str("PROMETHEUS_MULTIPROC_DIR", default="")
if METRICS_FOLDER:
    # Here, since apps create metrics as they are imported.
    use_allocated_files()

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "catalogue.api.exception_handler.handle",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["catalogue.api.parsers.BoundedJSONParser"],
    "UNAUTHENTICATED_USER": None,
    # Otherwise the schema echoes any version that a request names, also in a header.
    "ALLOWED_VERSIONS": [VERSION],
}
# The number of trusted proxies in front of the shop. Of forwarded headers, only the entries they added are trusted.
PROXIES = env.int("SHOP_PROXIES", default=0)
# Open connections of one address (IPv6: of a /64 network), over all web processes of a machine. Behind a proxy all come
# from the proxy, which has to limit them.
CONNECTIONS_PER_ADDRESS = 0 if PROXIES else env.int("SHOP_CONNECTIONS_PER_ADDRESS", default=100)
# Rate limits of one IP address. API clients with a key have quotas of their own, set in the admin.
RATE_LIMITS = {
    "predict": env.str("SHOP_PREDICT_RATE", default="60/min") or None,
    # In seconds of processor time, which photos cost: half of what one core has would be 30.
    "predict_time": env.str("SHOP_PREDICT_TIME_RATE", default="15/min") or None,
    "fetch": env.str("SHOP_FETCH_RATE", default="20/min") or None,
    "feedback": env.str("SHOP_FEEDBACK_RATE", default="240/min") or None,
    "feedback_bytes": env.str("SHOP_FEEDBACK_BYTES", default="20000000/day") or None,
    "links": env.str("SHOP_LINK_RATE", default="20/min") or None,
}
# Origins whose scripts may call the API from a browser (CORS); apps and servers need none.
CORS_ALLOWED_ORIGINS = env.list("SHOP_CORS_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = (*default_headers, "idempotency-key", "if-none-match", "x-visitor")
CORS_EXPOSE_HEADERS = (
    "content-language",
    "deprecation",
    "etag",
    "idempotency-replayed",
    "link",
    "location",
    "retry-after",
    "x-unused-parameters",
)
SPECTACULAR_SETTINGS = {
    "TITLE": "Vitrine",
    "DESCRIPTION": "A shop catalogue with search by photo.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "LICENSE": {"name": "Apache 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0.html"},
    "TAGS": [
        {"name": "search", "description": "Search by photo: results, further pages, links and feedback."},
        {"name": "catalogue", "description": "Read articles and categories, without a photo."},
        {"name": "batches", "description": "Search with up to 1,000 photos in the background. Needs a key."},
        {"name": "staff", "description": "Write articles and photos, with a staff token."},
        {"name": "health", "description": "The state of the shop, for monitoring and load balancers."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Separate schemas of requests and responses: blank text is refused in the former, possible in the latter.
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "catalogue.api.fields.leave_out",
        "catalogue.api.documentation.name_server",
    ],
    "ENUM_NAME_OVERRIDES": {"ReachabilityEnum": ["ok", "down"]},
    # Referred to by the operations that accept them.
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "partnerKey": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "A partner's key, with the word Api-Key and a space before it. The shop gives it out.",
            },
            "tokenAuth": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "The token of a member of staff, with the word Token and a space before it.",
            },
        }
    },
}

# Search by photo.
ARTEFACTS_DIR = BASE_DIR / "visualsearch" / "artefacts"
VISUAL_MODEL = {
    "NAME": env.str("SHOP_MODEL", default="mobilenetv2-clothing-int8"),
    "FALLBACK": env.str("SHOP_MODEL_FALLBACK", default="mobilenetv2-clothing-float32"),
    "FOLDER": DATA_DIR / "models",
    # Artefacts that the package does not ship, to be registered in the admin.
    "CANDIDATES": DATA_DIR / "artefacts",
}
# The class of the vector index, and the options of each class.
_INDEX = env.str("SHOP_VECTOR_INDEX", default="visualsearch.index.faiss.FaissIndex")
_INDEX_OPTIONS: dict[str, dict[str, Any]] = {
    "visualsearch.index.faiss.FaissIndex": {"folder": DATA_DIR / "index"},
    "visualsearch.index.milvus.MilvusIndex": {
        "uri": env.str("SHOP_MILVUS_URI", default="http://localhost:19530"),
        "token": env.str("SHOP_MILVUS_TOKEN", default=""),
        "timeout_s": env.float("SHOP_MILVUS_TIMEOUT_S", default=5.0),
    },
}
VECTOR_INDEX = {"BACKEND": _INDEX, "OPTIONS": _INDEX_OPTIONS.get(_INDEX, {})}
# The most seconds that a process's index may lag behind the change log in a search.
INDEX_REFRESH_S = env.float("SHOP_INDEX_REFRESH_S", default=0.2)
# Compaction: a tail of this many changes, or of this share of the snapshot if that is more, goes into a new snapshot.
INDEX_COMPACT_CHANGES = env.int("SHOP_INDEX_COMPACT_CHANGES", default=1000)
INDEX_COMPACT_SHARE = env.float("SHOP_INDEX_COMPACT_SHARE", default=0.01)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The nonce allows inline <style> elements of templates.
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", *([f"{_CDN.scheme}://{_CDN.netloc}"] if CDN_URL else [])],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
# Cookies do not depend on the port: two shops on one host would overwrite each other's. Machines that share a shop
# share its key, and so the names.
COOKIE_SUFFIX = sha256(f"cookies {SECRET_KEY}".encode()).hexdigest()[:8]
SESSION_COOKIE_NAME = f"sessionid-{COOKIE_SUFFIX}"
CSRF_COOKIE_NAME = f"csrftoken-{COOKIE_SUFFIX}"
KNOWN_BROWSER_COOKIE_NAME = f"browser-{COOKIE_SUFFIX}"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Failed logins of a quarter of an hour until the next ones wait: with one name from one address, from an address
# whatever the name, and with a name wherever from. A browser that logged in with the name before counts for the first
# alone: so nobody locks out staff where they usually work.
AXES_FAILURE_LIMIT = 5
LOGIN_ADDRESS_LIMIT = 20
LOGIN_NAME_LIMIT = 50
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_HANDLER = "shop.http.login.LoginHandler"
# What a successful login takes back; the other counts stay, or an account of one's own would be a way to reset them.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# Logins that are refused do not make a lock last longer: so a stranger who goes on does not keep it.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Who cannot log in without a code of an app besides the password. Everybody else on the staff may turn that on.
SECOND_FACTOR = env.str("SHOP_SECOND_FACTOR", default="optional")
if SECOND_FACTOR not in ("optional", "owners", "staff"):
    raise ImproperlyConfigured(f"SHOP_SECOND_FACTOR cannot be {SECOND_FACTOR}. Write optional, owners or staff.")
OTP_TOTP_ISSUER = SHOP_NAME
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "shop.http.login.client_address"
AXES_LOCKOUT_CALLABLE = "shop.http.login.locked_out"
HTTPS = env.bool("SHOP_HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS and env.bool("SHOP_HSTS_SUBDOMAINS", default=False)
# Whether all subdomains support HTTPS is the operator's decision, so its absence is no warning.
SILENCED_SYSTEM_CHECKS = [] if SECURE_HSTS_INCLUDE_SUBDOMAINS else ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None

LOGGING = logging_config(
    json=env.str("SHOP_LOG_FORMAT", default="json") == "json", level=env.str("SHOP_LOG_LEVEL", default="INFO")
)
