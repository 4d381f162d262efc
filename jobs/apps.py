from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Jobs and results"

    def ready(self) -> None:
        from dashboard import redaction
        from jobs import receivers  # noqa: F401
        from jobs.providers.registry import secret_shapes

        redaction.declare(secret_shapes())
