"""Many writers at once, as web server and workers are (seen on SQLite: elsewhere rows are locked one by one)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from dashboard.models import Workspace

WRITERS, TURNS = 8, 25


@pytest.mark.django_db(transaction=True)
def test_b08_eight_that_read_and_then_write_wait_for_each_other_and_none_fails():
    rows = [Workspace.objects.create(name="0", slug=f"studio-{number}") for number in range(WRITERS)]

    def write(row: Workspace) -> None:
        for _ in range(TURNS):
            with transaction.atomic():
                read = Workspace.objects.get(pk=row.pk)
                Workspace.objects.filter(pk=row.pk).update(name=str(int(read.name) + 1))
        connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, rows))
    assert set(Workspace.objects.values_list("name", flat=True)) == {str(TURNS)}
