"""The address that a request came from, by which strangers are told apart."""

from ipaddress import IPv4Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port


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
