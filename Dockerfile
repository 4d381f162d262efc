# One image for the web server, the workers and beat. Nothing secret is needed to build it, and nothing is kept in it.
FROM python:3.13-slim-trixie AS build
WORKDIR /srv/likeness
COPY requirements.txt ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt
COPY manage.py pyproject.toml LICENSE ./
COPY dashboard dashboard
COPY jobs jobs
COPY static static
COPY templates templates
# The settings make throw-away secrets in DATA_DIR, which stays behind in this stage.
RUN DATA_DIR=/tmp/build STATIC_ROOT=/srv/static /opt/venv/bin/python manage.py collectstatic --no-input \
 && /opt/venv/bin/python -m compileall -q dashboard jobs

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --no-create-home likeness \
 && install --directory --owner likeness --mode 700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv /srv
WORKDIR /srv/likeness
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=dashboard.settings \
    DATA_DIR=/data \
    STATIC_ROOT=/srv/static \
    LOG_FORMAT=json \
    # The workers' process never shows the pages that Celery would check; glibc would keep a heap for each thread, and
    # in each what large pictures once took.
    CELERY_SKIP_CHECKS=1 \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=1048576 \
    MALLOC_TRIM_THRESHOLD_=1048576
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=20s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-m", "dashboard.up.healthy"]
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "1", "--http", "1", "--no-ws", "--blocking-threads", "40", "--workers-kill-timeout", "4", "--http1-header-read-timeout", "10000", "--log-level", "error", "--log-config", "dashboard/up/granian-logs.json", "--factory", "dashboard.wsgi:begin"]
