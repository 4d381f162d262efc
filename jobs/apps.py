from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Jobs and results"

    def ready(self) -> None:
        from jobs import receivers  # noqa: F401
