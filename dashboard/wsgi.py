"""The WSGI application that the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

from dashboard.web.wsgi_request import Request

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

application = get_wsgi_application()
application.request_class = Request
