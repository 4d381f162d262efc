"""How our Celery worker outlives a broker that dies: it waits for it, and what it is doing goes on."""

import logging
from typing import Any

from celery.worker.consumer import Consumer

logger = logging.getLogger(__name__)


class PatientConsumer(Consumer):
    """Celery's consumer, for a broker that may go away at any moment."""

    def on_connection_error_after_connected(self, exc: Exception, *newer: Any) -> None:
        """Drop the broken connection.

        Celery 5.7 closes it twice, and the second time kombu's Redis transport wants to give back unacknowledged
        messages over a connection that it has taken apart already: an AttributeError, or an AssertionError, that would
        end the worker and with it every order being sent. By then the connection is dropped, and nobody needs those
        messages: what is owed stands in the database.
        """
        try:
            super().on_connection_error_after_connected(exc, *newer)
        except (AttributeError, AssertionError) as error:
            logger.info("Closing the broken connection to the broker: %r", error)
