"""What a RunPod key comes with: the endpoint it is for, and the team's own bucket and Hugging Face token."""

import re
from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl, urlsplit

from jobs.providers.credentials import Credentials, Secret
from jobs.providers.kit.replies import is_on
from jobs.providers.params import Param, Type

ENDPOINT = "dream-booth-v1"
"""The public endpoint, which seems retired (August 2026); teams run the same worker as their own."""
BUCKET = ("bucket_name", "bucket_access_id", "bucket_secret", "bucket_endpoint")

KEY_PARAMS = (
    Param(
        "endpoint_id",
        "Endpoint id",
        Type.TEXT,
        "The name of your DreamBooth endpoint at RunPod: what stands after /v2/ in its address.",
        default=ENDPOINT,
        max_length=100,
        required=True,
        names_place=True,
    ),
    Param(
        "bucket_name",
        "Bucket",
        Type.TEXT,
        "Your own storage, where the trained model is put. Without one only the pictures are kept.",
        max_length=200,
    ),
    Param(
        "bucket_access_id", "Bucket access key id", Type.TEXT, "The public half of the bucket's key.", max_length=200
    ),
    Param(
        "bucket_secret",
        "Bucket secret",
        Type.SECRET,
        "The secret half of the bucket's key.",
        max_length=500,
        goes_to=("bucket_endpoint",),
    ),
    Param(
        "bucket_endpoint",
        "Bucket address",
        Type.TEXT,
        "Where the bucket's service is, for example https://s3.eu-central-1.amazonaws.com.",
        max_length=300,
    ),
    Param(
        "hf_token",
        "Hugging Face token",
        Type.SECRET,
        "Only for base models that Hugging Face does not show to everybody.",
        max_length=500,
        expert=True,
    ),
    Param(
        "result_hosts",
        "Other hosts of results",
        Type.TEXT,
        "Where your endpoint puts pictures, if that is no usual storage service: host names with commas between them.",
        max_length=500,
        expert=True,
    ),
)

_PRESIGNED_SECONDS = 3600

# What the worker's SDK uploads to, and the storage that RunPod's own guides set up.
_STORES = (
    ".amazonaws.com",
    ".r2.cloudflarestorage.com",
    ".backblazeb2.com",
    ".digitaloceanspaces.com",
    ".wasabisys.com",
    ".runpod.io",
    ".runpod.ai",
    "storage.googleapis.com",
)
_ENDPOINT = re.compile(r"(?:https?://[\w.:-]+/v[12]/)?([A-Za-z0-9][\w-]{0,63})(?:/\w*)?", re.ASCII)
_HOST = re.compile(r"\.?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)
_BUCKET_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,199}", re.ASCII)
_HF_TOKEN = re.compile(r"[\w-]{1,500}", re.ASCII)


def endpoint(options: Mapping[str, str]) -> str:
    """The endpoint's id, also out of its whole address; empty where it cannot be one."""
    found = _ENDPOINT.fullmatch(options.get("endpoint_id", ENDPOINT).strip())
    return found[1] if found else ""


def wrong_key(credentials: Credentials) -> str:
    """Why nothing can be sent with this key, in a sentence; empty when it can."""
    if not endpoint(credentials.options):
        return "The endpoint id of this key cannot be one. Look it up at RunPod and change the key."
    if has_bucket(credentials.options) and "bucket_secret" not in credentials.secrets:
        return "The secret of this key's bucket is missing, so the trained model would be lost. Change the key."
    return ""


def has_bucket(options: Mapping[str, str]) -> bool:
    """Whether a bucket was told along with the key, as far as that is no secret."""
    return all(options.get(name) for name in BUCKET if name != "bucket_secret")


def s3_config(options: Mapping[str, str], secrets: Mapping[str, Secret]) -> dict[str, str]:
    """The bucket as the worker reads it; empty where there is none."""
    if not has_bucket(options) or "bucket_secret" not in secrets:
        return {}
    return {
        "bucketName": options["bucket_name"],
        "accessId": options["bucket_access_id"],
        "accessSecret": secrets["bucket_secret"].reveal(),
        "endpointUrl": options["bucket_endpoint"],
    }


def result_hosts(credentials: Credentials) -> tuple[str, ...]:
    """The hosts that results of this key may lie on: storage services, its bucket, and what was named besides."""
    named = [host for host in _named_hosts(credentials.options) if _HOST.fullmatch(host)]
    return (*_STORES, *bucket_hosts(credentials.options), *named)


def not_allowed(host: str) -> str:
    """What to do about a result on *host*, by the names that the key's options have on its page."""
    labels = {param.name: param.label for param in KEY_PARAMS}
    return (
        f"It lies on {host}, which this key does not fetch from. If that is right, an admin adds it under API keys: to "
        f"“{labels['result_hosts']}”, or as “{labels['bucket_endpoint']}” where it is your bucket. Then press Check "
        "again."
    )


def bucket_hosts(options: Mapping[str, str]) -> tuple[str, ...]:
    """The hosts of the team's own bucket."""
    host = urlsplit(options.get("bucket_endpoint", "")).hostname or ""
    return (host, f".{host}") if host else ()


def is_in_bucket(url: str, options: Mapping[str, str]) -> bool:
    """Whether *url* leads to the team's own bucket, where nobody but the team deletes anything."""
    try:
        return is_on(urlsplit(url).hostname or "", bucket_hosts(options))
    except ValueError:
        return False


def signed_again(url: str, credentials: Credentials) -> str:
    """*url* for another hour, if it leads to the bucket of this key; empty otherwise."""
    config = s3_config(credentials.options, credentials.secrets)
    if not config or not is_in_bucket(url, credentials.options):
        return ""
    return presigned(url, config["accessId"], credentials.secrets["bucket_secret"])


def presigned(url: str, access_id: str, secret: Secret) -> str:
    """*url*, an address that was signed before, so that it opens for another hour; empty where it was not. Only the
    signature leaves, never *secret*."""
    from botocore.auth import S3SigV4QueryAuth  # heavy, and needed by few installations
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as BucketCredentials

    region, parts = region_in(url), urlsplit(url)
    if not region:
        return ""
    request = AWSRequest("GET", f"{parts.scheme}://{parts.netloc}{parts.path}")
    key = BucketCredentials(access_id, secret.reveal())
    S3SigV4QueryAuth(key, "s3", region, expires=_PRESIGNED_SECONDS).add_auth(request)
    return str(request.url)


def region_in(url: str) -> str:
    """The region that a signed address was made for; empty where it is not signed so (AWS Signature V4)."""
    try:
        query = dict(parse_qsl(urlsplit(url).query, max_num_fields=50))
    except ValueError:
        return ""
    scope = query.get("X-Amz-Credential", "").split("/")
    return scope[2] if len(scope) == 5 else ""


def _named_hosts(options: Mapping[str, str]) -> list[str]:
    return [host.strip().lower() for host in re.split(r"[\s,;]+", options.get("result_hosts", "")) if host.strip()]


def wrong_key_options(options: Mapping[str, str], secret_names: Collection[str]) -> dict[str, str]:
    """A sentence for each option that cannot be, or that another one needs."""
    wrong = {} if endpoint(options) else {"endpoint_id": "Letters, digits and hyphens only, as RunPod shows it."}
    there = {name for name in BUCKET if options.get(name) or name in secret_names}
    if there:
        wrong |= {name: "A bucket needs all four of its fields." for name in BUCKET if name not in there}
    if not _BUCKET_NAME.fullmatch(options.get("bucket_name") or "x"):
        wrong["bucket_name"] = "A bucket's name has letters, digits, hyphens and dots only."
    if not _is_address(options.get("bucket_endpoint") or "https://x"):
        wrong["bucket_endpoint"] = "An address that begins with https://, please, without a question mark."
    if not all(map(_HOST.fullmatch, _named_hosts(options))):
        wrong["result_hosts"] = "Names of hosts only, please: pictures.example.com."
    return wrong


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)


def hf_token(secrets: Mapping[str, Secret]) -> str:
    """The Hugging Face token, which the worker puts into a shell line; empty where there is none that is safe there."""
    token = secrets["hf_token"].reveal() if "hf_token" in secrets else ""
    return token if _HF_TOKEN.fullmatch(token) else ""
