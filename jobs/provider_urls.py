"""Addresses that providers open; they lie outside every workspace, and a token is all they carry."""

from django.urls import path

from jobs.views import provider_calls

urlpatterns = [
    path("callbacks/<str:token>/", provider_calls.callback, name="callback"),
    path("lent/<str:token>/<str:name>", provider_calls.granted_file, name="granted_file"),
]
