"""Long work as its owner sees it: progress, what came of it, the finished file."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, Response, current_app, make_response, redirect, render_template, url_for

from contest.errors import NotFound
from contest.rules.permissions import see_management
from contest.rules.refusals import Refusal
from contest.services import exchange, files, jobs
from contest.web.context import speech
from contest.web.gate import current_actor, policy
from contest.web.manage import imports
from contest.web.manage.desk import page

blueprint = Blueprint("jobs", __name__, url_prefix="/manage")

SECTIONS = {"people": "people", "questions": "banks", "results": "results", "invitations": "people",
             "entrants": "overview", "extra": "people", "units": "results", "advanced": "results",
             "papers": "setup", "marks": "results"}  # fmt: skip


@blueprint.get("/jobs/<code>")
@policy(see_management)
def show(code: str) -> Response:
    job = jobs.get_job(code, of=current_actor())
    if imports.is_preview(job):
        return imports.preview(job)
    section = SECTIONS[job.kind.partition("-")[0]]
    response = page("jobs/show.html", section, job=job, **_told(job))
    if not job.is_over:
        response.headers["Refresh"] = "2"
    return response


def _told(job: jobs.JobView) -> dict[str, Any]:
    outcome = job.outcome
    return {
        "problems": [imports.problem(p) for p in outcome.get("problems", [])],
        "refusals": [speech().said(Refusal(r["slug"], r["params"])) for r in outcome.get("refusals", [])],
        "counts": outcome.get("counts", {}),
    }


@blueprint.post("/jobs/<code>/confirmation")
@policy(see_management)
def confirm(code: str) -> Response:
    actor = current_actor()
    job = jobs.get_job(code, of=actor)
    if not job.kind.endswith("-preview") or not job.is_over or "counts" not in job.outcome:
        raise NotFound
    if imports.is_preview(job):
        return imports.carry_out(job)
    return make_response(redirect(url_for("jobs.show", code=exchange.ask_apply(job, by=actor)), 303))


@blueprint.get("/files/<code>")
@policy(see_management)
def download(code: str) -> Response:
    file = files.find(code, of=current_actor())
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    response = Response(_sent(app, file.parts), content_type=file.media_type)
    response.content_length = file.size
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    return response


def _sent(app: Flask, parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield parts as they are sent, when the request is over: each is read in a context of its own."""
    while True:
        with app.app_context():
            part = next(parts, None)
        if part is None:
            return
        yield part


@blueprint.get("/invitations/<code>")
@policy(see_management)
def invitations(code: str) -> str:
    """Show the printable list of activation codes, as long as its file lives."""
    file = files.find(code, of=current_actor())
    if file.name != "cards.json":
        raise NotFound
    return render_template("members/invitations.html", cards=json.loads(file.content))
