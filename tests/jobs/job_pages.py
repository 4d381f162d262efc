"""The page of one job, and its buttons."""

from django.urls import reverse


def address(job, name="job") -> str:
    return reverse(name, args=[job.workspace.slug, job.pk])


def page_of(client, job) -> str:
    response = client.get(address(job))
    assert response.status_code == 200
    return response.content.decode()
