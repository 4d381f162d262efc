"""The door: where a visit without an address begins."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dashboard import access
from dashboard.access import SignedInRequest
from dashboard.forms.people import WorkspaceForm
from dashboard.operations import first_run, workspaces
from dashboard.web.answers import form_status


@require_safe
@access.everybody
def home(request: HttpRequest) -> HttpResponse:
    """The first run, the sign-in page, or the jobs of the workspace that the person looked at last."""
    if not request.user.is_authenticated:
        return redirect("account_login" if first_run.is_done() else "first_run")
    mine = request.user.workspaces.order_by("-memberships__id")
    last = mine.filter(slug=request.session.get("workspace", "")).first() or mine.first()
    return redirect("jobs", last.slug) if last else redirect("workspace_new")


@require_http_methods(["GET", "HEAD", "POST"])
@access.signed_in
def workspace_new(request: SignedInRequest) -> HttpResponse:
    """A workspace of one's own."""
    form = WorkspaceForm(request.POST or None)
    if form.is_valid():
        workspace = workspaces.create(form.cleaned_data["name"], request.user)
        return redirect("jobs", workspace.slug)
    return render(request, "home/workspace_new.html", {"form": form}, status=form_status(request, form))
