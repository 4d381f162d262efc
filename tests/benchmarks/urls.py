"""The product's addresses, and a view that does nothing behind the same middleware: what Django itself costs."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def constant(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nothing", content_type="text/plain")


urlpatterns = [path("constant/", constant), path("", include("dashboard.urls"))]
