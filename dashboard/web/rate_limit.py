"""So many times in so many seconds, counted where all processes see it, for each address that asks."""

import time
from ipaddress import IPv4Address, IPv6Network, ip_address

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.http.request import split_domain_port

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


def address_of(request: HttpRequest) -> str:
    """The address that *request* came from, as the outermost of our TRUSTED_PROXIES saw it.

    Each proxy writes at the end of X-Forwarded-For whom it was asked by, so only the last entries are theirs, and
    what stands before them is whatever the client liked. Of IPv6 it is the network: people have whole ones.
    """
    said = request.headers.get("X-Forwarded-For", "").split(",")[-settings.TRUSTED_PROXIES :]
    asked_by = _address(said[0]) if settings.TRUSTED_PROXIES > 0 else ""
    return asked_by or _address(request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str:
    """*text* without a port, as an IPv4 address or an IPv6 network; empty when it is neither."""
    host, port = split_domain_port(text.strip())
    try:
        found = ip_address(host.strip("[]") if port else text.strip())
    except ValueError:
        return ""
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False).network_address)
