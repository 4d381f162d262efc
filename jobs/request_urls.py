"""Addresses for people without an account who were asked for photos; a token is all they carry."""

from django.urls import path

from jobs.views import photo_request

urlpatterns = [
    path("ask/<str:token>/", photo_request.photo_request, name="photo_request"),
    path("ask/<str:token>/photos/", photo_request.upload, name="photo_request_upload"),
    path("ask/<str:token>/changes/", photo_request.changes, name="photo_request_changes"),
    path("ask/<str:token>/photos/<int:photo_id>/remove/", photo_request.remove, name="photo_request_remove"),
    path("ask/<str:token>/withdraw/", photo_request.withdraw_consent, name="photo_request_withdraw"),
]
