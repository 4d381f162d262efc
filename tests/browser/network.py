"""A page's connection, made as bad as those of phones are."""

from playwright.sync_api import Page


class Network:
    """The page's connection, which a test can make slow (in bytes a second) or cut in the middle of a file."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def is_as(self, *, uploading: float = -1, offline: bool = False) -> None:
        conditions = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": uploading}
        self.session.send("Network.emulateNetworkConditions", conditions)
