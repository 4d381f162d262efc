"""How allauth behaves in Likeness."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from dashboard.web.answers import public_address
from dashboard.web.client_address import address_of

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made on the first visit and by invitation only."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This e-mail address and password do not belong together. Check both, or reset the "
        "password.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, or reset the password.",
        "enter_current_password": "This is not your current password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only pages of the very host that is being asked, whatever else `ALLOWED_HOSTS` names."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def is_ajax(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """allauth's own fails where a header names no address, or fewer proxies than there are."""
        return address_of(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count tries for each account alone.

        allauth counts for each Host header too, and `localhost:1` and `localhost:2` are the same server.
        """
        return str(credentials.get("email", "")).lower()

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return public_address(self.request, path.replace("UID-KEY", key))

    def may_send_links(self) -> bool:
        """Whether a link that is mailed leads here, whatever the request's Host says: anybody can write that."""
        name = split_domain_port(self.request.get_host())[0]
        return bool(settings.PUBLIC_URL) or name in {host.lower() for host in settings.ALLOWED_HOSTS}

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to work, where the message is shown; the emptied form would look as if nothing had happened."""
        return reverse("home")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away must not turn the page into an error, nor tell who has an account."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            logger.exception("The mail server did not take a message")
