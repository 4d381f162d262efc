from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "People and workspaces"

    def ready(self) -> None:
        from dashboard import checks  # noqa: F401
