# The shop as one image: web server, workers and commands. compose.yaml says what runs. `make image` builds it without
# a registry: on a base that debootstrap makes.
FROM debian:12.12-slim AS build
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
        ca-certificates postgresql-client-15 python3-venv \
    && python3 -m venv /uv
RUN PIP_CERT=/etc/ssl/certs/ca-certificates.crt /uv/bin/pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
# The optional parts that the image has; docs/configuration.md lists them.
ARG EXTRAS="--extra postgresql --extra milvus --extra s3 --extra heic"
WORKDIR /build
COPY pyproject.toml uv.lock ./
RUN PATH=/uv/bin:$PATH UV_PROJECT_ENVIRONMENT=/venv UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1 \
    uv sync --frozen --no-cache --compile-bytecode $EXTRAS

FROM debian:12.12-slim
# What of Debian is newer than the base, too: known faults are mended there.
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get upgrade -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends libpq5 python3 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/* \
    && useradd --system --uid 10001 --no-create-home shop \
    && install --directory --owner shop --mode 0700 /data
# For back_up and restore: without the package's scripts and their Perl. A server may be of this version or older.
COPY --from=build /usr/lib/postgresql/15/bin/pg_dump /usr/lib/postgresql/15/bin/pg_restore /usr/lib/postgresql/15/bin/psql /usr/local/bin/
COPY --from=build /venv/ /venv/
WORKDIR /shop
COPY manage.py Procfile LICENSE NOTICE ./
COPY locale/ locale/
COPY static/ static/
COPY templates/ templates/
COPY catalogue/ catalogue/
COPY visualsearch/ visualsearch/
COPY shop/ shop/
RUN /venv/bin/python -m compileall -q catalogue visualsearch shop
# Processes show in SHOP_PULSE_DIR that they do not hang, for health checks.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SHOP_DATA_DIR=/data SHOP_BIND=0.0.0.0 SHOP_PULSE_DIR=/dev/shm/pulse
VOLUME /data
USER shop
EXPOSE 8000
CMD ["sh", "-c", "exec env MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1000000 MALLOC_TRIM_THRESHOLD_=16000000 gunicorn shop.wsgi --config shop/http/gunicorn.py --bind ${SHOP_BIND:-127.0.0.1}:${PORT:-8000}"]
