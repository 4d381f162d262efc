"""A provider whose jobs live at an endpoint that is told along with the key, with a bucket, for tests of both."""

from collections.abc import Collection, Mapping

from jobs.providers.credentials import Credentials
from jobs.providers.errors import KeyRefused
from jobs.providers.params import Param, Type
from jobs.providers.reply import KeyReport
from tests.jobs.keyed_provider import KeyedProvider


class EndpointProvider(KeyedProvider):
    """It accepts every key but at the endpoint `nowhere`, and remembers what it was opened with."""

    slug = "endpoints"
    label = "Endpoints"

    key_params = (
        Param("endpoint", "Endpoint id", Type.TEXT, "See its page.", "e-1", required=True, names_place=True),
        Param("hub_token", "Hub token", Type.SECRET, "For private models.", max_length=200),
        Param("bucket_name", "Bucket", Type.TEXT, "Where models go."),
        Param(
            "bucket_secret", "Bucket secret", Type.SECRET, "Of the bucket.", max_length=200, goes_to=("bucket_address",)
        ),
        Param("bucket_address", "Bucket address", Type.TEXT, "Where its service is."),
        Param("hosts", "Other hosts", Type.TEXT, "Where pictures may lie.", expert=True, max_length=30),
    )

    def wrong_key_options(self, options: Mapping[str, str], secret_names: Collection[str]) -> Mapping[str, str]:
        missing = ("bucket_name" in options) != ("bucket_secret" in secret_names)
        return {"bucket_name": "Fill in the whole bucket, or nothing of it."} if missing else {}

    def test_key(self, credentials: Credentials) -> KeyReport:
        self.opened = credentials
        if credentials.options.get("endpoint") == "nowhere":
            raise KeyRefused("There is no such endpoint.")
        return KeyReport(ok=True, sentence="The endpoint answers.")
