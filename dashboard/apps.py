from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "People and workspaces"

    def ready(self) -> None:
        from dashboard import celery  # noqa: F401 - the application that every task is sent through
