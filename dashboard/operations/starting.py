"""Whether this program may work on this data. Web server, worker and every command ask before they begin.

A database that is away keeps nothing from starting: its pages say so, and `/health/ready/` looks at the keys again.
"""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from dashboard import VERSION, CannotStart, vault
from dashboard.master_keys import missing_in_words
from dashboard.models import Installation, StoredSecret

FIRST = "0.1.0"
"""The version that did not write its number into the data yet."""


def check(*, keys: bool = True) -> None:
    """Raises CannotStart for data of a later version, and without the master *keys* that stored secrets need."""
    try:
        refuse_later_version()
        if keys:
            refuse_missing_master_keys()
    except OperationalError:
        return


def refuse_later_version() -> None:
    """Raises CannotStart, before anything was changed, when a later version has worked on this data."""
    ours = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    known = {(app.name, file.stem) for app in ours for file in app.glob("migrations/*.py")}
    applied = {
        key for key in MigrationRecorder(connection).applied_migrations() if key[0] in {app.name for app in ours}
    }
    if applied - known:
        version = version_of_data()
        whose = f"Likeness {version}" if version not in {"", FIRST, VERSION} else "a later version"
        raise CannotStart(
            f"This data was last used by {whose}, and this is Likeness {VERSION}, which would damage it: start that "
            f"version again, or put back a backup from before the update. Nothing was changed."
        )


def version_of_data() -> str:
    """The version that last made the database ready; empty where that is not known. No model is asked: a later version
    may have other columns."""
    with connection.cursor() as cursor:
        table = Installation._meta.db_table
        if "version" not in {column.name for column in connection.introspection.get_table_description(cursor, table)}:
            return FIRST
        cursor.execute(f"SELECT version FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own table's name
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def refuse_missing_master_keys() -> None:
    """Raises CannotStart when stored secrets need a master key that is not at hand."""
    if StoredSecret._meta.db_table not in connection.introspection.table_names():
        return
    if missing := vault.missing_master_keys():
        raise CannotStart(missing_in_words(missing))
