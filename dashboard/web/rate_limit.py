"""So many times in so many seconds, counted where all processes see it, for each address that asks."""

import time

from django.db import connection

from dashboard.models import RateCount

# One statement, so that of those who come at once each gets a number of their own; SQLite and PostgreSQL both know it.
_COUNT = """
INSERT INTO dashboard_ratecount (name, count, until) VALUES (%s, 1, %s)
ON CONFLICT (name) DO UPDATE SET count = dashboard_ratecount.count + 1 RETURNING count
"""


def within(name: str, most: int, seconds: int) -> bool:
    """Count one more of what *name* says; False when that makes more than *most* in this stretch of *seconds*."""
    now = int(time.time())
    stretch = now // seconds
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [f"{name}:{stretch}"[-200:], (stretch + 2) * seconds])
        count = int(cursor.fetchone()[0])
    if count == 1:
        RateCount.objects.filter(until__lt=now).delete()
    return count <= most
