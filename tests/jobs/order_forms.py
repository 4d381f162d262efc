"""Order forms as a browser fills and sends them."""

import re

from django.urls import reverse


def page(workspace, name="new_training", query="") -> str:
    return reverse(name, args=[workspace.slug]) + query


def begun(client, workspace, name="new_training", query="") -> dict[str, str]:
    """What a browser would send of the form as it is when somebody comes to it."""
    response = client.get(page(workspace, name, query))
    assert response.status_code == 200
    return filled(response.content.decode())


def refreshed(client, workspace, typed) -> dict[str, str]:
    """The same after a choice, such as another base model, fetched the fields that belong to it."""
    response = client.post(page(workspace, "new_job_fields"), typed, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return {"kind": typed["kind"], **filled(f'<form class="order">{response.content.decode()}</form>')}


def filled(html: str) -> dict[str, str]:
    """What a browser would send of the order form as it stands."""
    form = html[html.index('<form class="order') : html.index("</form>", html.index('<form class="order'))]
    values: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, kind = attribute(tag, "name"), attribute(tag, "type")
        if kind in ("radio", "checkbox") and " checked" not in tag:
            continue
        values[name] = attribute(tag, "value")
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body) or re.search(r'<option value="([^"]*)"', body)
        values[name] = chosen[1] if chosen else ""
    for name, body in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        values[name] = body.strip()
    return values


def attribute(tag: str, name: str) -> str:
    found = re.search(rf' {name}="([^"]*)"', tag)
    return found[1] if found else ""
