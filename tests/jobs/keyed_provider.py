"""A provider that takes a key, for tests of keys: practice under another name."""

from jobs.providers.base import Capability
from jobs.providers.credentials import Credentials
from jobs.providers.errors import KeyRefused, NoCredit, Unavailable
from jobs.providers.practice.adapter import Practice
from jobs.providers.reply import KeyReport

SAYS_NO = {
    "bad": KeyRefused("dreamlook did not accept this key."),
    "empty": NoCredit("The account behind this key has no tokens left."),
    "away": Unavailable("dreamlook did not answer."),
}


class KeyedProvider(Practice):
    """What it says to a key stands in the key's first word."""

    slug = "dreamlook"
    label = "dreamlook.ai"
    is_practice = False
    costs_nothing = False
    capabilities = Practice.capabilities | {Capability.NEEDS_KEY}
    key_help = "Copy it from your account page."

    def test_key(self, credentials: Credentials) -> KeyReport:
        word = credentials.secret.reveal().split("-")[0]
        if word in SAYS_NO:
            raise SAYS_NO[word]
        return KeyReport(ok=True, sentence="dreamlook knows this key.")
