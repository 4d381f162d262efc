from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "People and workspaces"

    def ready(self) -> None:
        # The application that every task is sent through, the checks of the master keys, and receivers of signals.
        from dashboard import celery, vault  # noqa: F401
        from dashboard.operations import members  # noqa: F401
