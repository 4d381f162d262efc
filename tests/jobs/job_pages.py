"""The page of one job, and its buttons."""

from django.urls import reverse

from tests.conftest import text_of


def address(job, name="job") -> str:
    return reverse(name, args=[job.workspace.slug, job.pk])


def page_of(client, job) -> str:
    response = client.get(address(job))
    assert response.status_code == 200
    return text_of(response)
