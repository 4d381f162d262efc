from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "People and workspaces"

    def ready(self) -> None:
        # The application that every task is sent through, and what happens when rows change.
        from dashboard import celery, receivers  # noqa: F401
