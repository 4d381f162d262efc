"""The very first visit: it makes the owner and the first workspace, once in the life of an installation."""

from django.db import IntegrityError, transaction

from dashboard import VERSION
from dashboard.models import Installation, User, Workspace
from dashboard.operations import workspaces


class AlreadyDone(Exception):
    """Somebody else was first."""


def is_done() -> bool:
    """Whether the installation has had its first owner."""
    return Installation.objects.exists()


@transaction.atomic
def create_owner(email: str, name: str, password: str, workspace_name: str) -> tuple[User, Workspace]:
    """Make the first person, who also looks after the server, and their workspace. Raises `AlreadyDone`.

    The installation's row has one possible primary key: of two first visits at once, the second one's INSERT waits
    for the first one's commit and then fails, before anything else of it is made.
    """
    try:
        with transaction.atomic():
            Installation.objects.create(owner_email=email, version=VERSION)
    except IntegrityError as error:
        raise AlreadyDone from error
    user = User.objects.create_superuser(email, password, name=name)
    return user, workspaces.create(workspace_name, user)
