"""How our Celery worker outlives a broker that dies: it waits for it, and what it is doing goes on."""

import logging
import warnings
from typing import Any

from celery.worker.consumer import Consumer

logger = logging.getLogger(__name__)

warnings.filterwarnings("ignore", r"\s*In Celery 5\.1 we introduced")  # of running tasks: ours go on, as they should


class PatientConsumer(Consumer):
    """Celery's consumer, for a broker that may go away at any moment.

    Once kombu 5.7 has taken a broken connection to Redis apart, whoever still has a message from it, to acknowledge it
    or to give it back, gets an AttributeError, which ends the worker and with it every order being sent. Here that is
    a broken connection like any other. Nobody needs those messages: what is owed stands in the database.
    """

    connection_errors: tuple[type[BaseException], ...]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.connection_errors = (*self.connection_errors, AttributeError)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Drop the broken connection; Celery does so itself before it fails over giving messages back."""
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError as error:
            logger.info("Closing the broken connection to the broker: %r", error)
