# The shop as one image: web server, workers and commands. compose.yaml says what runs.
FROM python:3.11.14-slim-bookworm AS build
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action ignore uv==0.13.9
# The optional parts that the image has; docs/configuration.md lists them.
ARG EXTRAS="--extra postgresql --extra milvus --extra s3 --extra heic"
WORKDIR /build
COPY pyproject.toml uv.lock ./
RUN UV_PROJECT_ENVIRONMENT=/venv UV_PYTHON_DOWNLOADS=never \
    uv sync --frozen --no-cache --compile-bytecode $EXTRAS

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home shop \
    && install --directory --owner shop --mode 0700 /data
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
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 SHOP_DATA_DIR=/data SHOP_BIND=0.0.0.0
VOLUME /data
USER shop
EXPOSE 8000
CMD ["sh", "-c", "exec env MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1000000 gunicorn shop.wsgi --config shop/http/gunicorn.py --bind ${SHOP_BIND:-127.0.0.1}:${PORT:-8000}"]
