"""The whole product put back from a backup: an order that was sent since is not charged again (B14, R18)."""

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from jobs.operations.jobs.restores import SLACK
from tests.browser.product import ROOT
from tests.chaos.paid import environment
from tests.providers.emulators import dreamlook
from tests.up.watched import WatchedProduct, wait_until

pytestmark = pytest.mark.slow

FOUND = """
from dashboard.models import Installation
from tests.chaos.buyer import Shop
from tests.chaos.trial_orders import TRIAL_ORDERS
from random import Random
Installation.objects.create(owner_email="buyer@example.com")
Shop(TRIAL_ORDERS["dreamlook"], 1, Random(1), ("generation",))
"""
ORDER = """
from jobs.models import ApiKey, PhotoSet
from dashboard.models import Workspace
from tests.chaos.buyer import Shop
from tests.chaos.trial_orders import TRIAL_ORDERS
from random import Random
shop = Shop.__new__(Shop)
shop.orders, shop.random, shop.kinds = TRIAL_ORDERS["dreamlook"], Random(1), ("generation",)
shop.workspace, shop.keys = Workspace.objects.get(), list(ApiKey.objects.filter(provider="dreamlook"))
shop.user, shop.photo_set = shop.workspace.members.get(), PhotoSet.objects.get()
shop.order(1)
"""


class Installed(WatchedProduct):
    """The product with somebody in it who orders."""

    def do(self, code: str) -> None:
        inside = {**self.environment, "DATA_DIR": str(self.data), "REDIS_URL": ""}
        subprocess.run([sys.executable, "manage.py", "shell", "-c", code], cwd=ROOT, env=inside, check=True)

    def tells(self, question: str) -> object:
        with closing(sqlite3.connect(self.data / "likeness.sqlite3", timeout=30)) as database:
            return database.execute(question).fetchone()[0]


def whole_folder(product: Installed, backup: Path) -> None:
    shutil.rmtree(product.data)
    shutil.copytree(backup, product.data)


def database_alone(product: Installed, backup: Path) -> None:
    for log in ("-wal", "-shm"):
        (product.data / f"likeness.sqlite3{log}").unlink(missing_ok=True)
    shutil.copyfile(backup / "likeness.sqlite3", product.data / "likeness.sqlite3")


@pytest.mark.parametrize("put_back", [whole_folder, database_alone])
def test_b14_an_order_that_was_sent_after_the_backup_is_charged_once(
    tmp_path: Path, put_back: Callable[[Installed, Path], None]
):
    backup, product = tmp_path / "backup", Installed(tmp_path)
    with dreamlook.emulated(pace=dreamlook.Pace(queue=0.5, training=1.0, image=0.2)) as emulator:
        emulator.books.open_account("dreamlook-account-0")
        product.environment |= environment(emulator, product.port, patience=1.0)
        with product:
            product.do(FOUND)
            wait_until(lambda: product.tells("SELECT home FROM dashboard_installation") != "", "the witness")
        product.do(ORDER)
        shutil.copytree(product.data, backup)
        with product:  # no restart asks anything
            wait_until(lambda: product.tells("SELECT provider_job_id FROM jobs_job") != "", "the order")
        assert len(emulator.books.ledger) == 1
        wait_until(lambda: time.time() - (backup / "last_sent").stat().st_mtime > SLACK, "a copy that can be told")
        put_back(product, backup)
        with product:
            wait_until(lambda: product.tells("SELECT state FROM jobs_job") == "uncertain", "the doubt")
            said = product.tells("SELECT sentence FROM jobs_jobevent ORDER BY id DESC LIMIT 1")
        assert len(emulator.books.ledger) == 1
    assert "This server was restored from a backup of" in str(said)
