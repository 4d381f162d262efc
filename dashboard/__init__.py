"""Who you are and where you stand: people, workspaces, access and the vault."""

from dashboard.celery import app as celery_app

__all__ = ["celery_app"]
