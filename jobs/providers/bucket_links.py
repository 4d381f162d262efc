"""Addresses that open one file of an S3 bucket for a while, signed here with the bucket's own key (AWS Signature V4).

Only the signature leaves, never the secret.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlsplit

from jobs.providers.credentials import Secret

_SECONDS = 3600


def region_in(url: str) -> str:
    """The region that a signed address was made for; empty where it is not signed so."""
    try:
        query = dict(parse_qsl(urlsplit(url).query, max_num_fields=50))
    except ValueError:
        return ""
    scope = query.get("X-Amz-Credential", "").split("/")
    return scope[2] if len(scope) == 5 else ""


def signed_again(url: str, access_id: str, secret: Secret, now: datetime | None = None) -> str:
    """*url*, an address that was signed before, so that it opens for another hour; empty where it was not."""
    region, parts = region_in(url), urlsplit(url)
    if not region:
        return ""
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    query = _query(access_id, scope, moment)
    request = f"GET\n{parts.path}\n{query}\nhost:{parts.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(request.encode()).hexdigest()
    signature = hmac.new(_key(secret, scope), f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}".encode(), hashlib.sha256)
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{query}&X-Amz-Signature={signature.hexdigest()}"


def _query(access_id: str, scope: str, moment: str) -> str:
    told = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{access_id}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(_SECONDS),
        "X-Amz-SignedHeaders": "host",
    }
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in told.items())


def _key(secret: Secret, scope: str) -> bytes:
    key = f"AWS4{secret.reveal()}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
