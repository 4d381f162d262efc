"""When a checkpoint is deleted at dreamlook."""

from datetime import datetime, timedelta

from jobs.providers.kit.downloads import later, moment

RETENTION = timedelta(hours=48)
"""How long dreamlook keeps a checkpoint after the run, by default."""


def kept_until(run_ended: object) -> datetime | None:
    """When a checkpoint of a run that ended then is deleted."""
    return later(moment(run_ended), RETENTION)
