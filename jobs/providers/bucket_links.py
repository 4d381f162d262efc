"""Addresses that open one file of an S3 bucket for a while, signed here with the bucket's own key (AWS Signature V4).

Only the signature leaves, never the secret.
"""

from urllib.parse import parse_qsl, urlsplit

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


def signed_again(url: str, access_id: str, secret: Secret) -> str:
    """*url*, an address that was signed before, so that it opens for another hour; empty where it was not."""
    from botocore.auth import S3SigV4QueryAuth  # heavy, and needed by few installations
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    region, parts = region_in(url), urlsplit(url)
    if not region:
        return ""
    request = AWSRequest("GET", f"{parts.scheme}://{parts.netloc}{parts.path}")
    S3SigV4QueryAuth(Credentials(access_id, secret.reveal()), "s3", region, expires=_SECONDS).add_auth(request)
    return str(request.url)
