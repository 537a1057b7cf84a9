"""Long work as its owner sees it: progress, what came of it, the finished file."""

import json
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, url_for

from contest.errors import NotFound
from contest.rules.permissions import see_management
from contest.rules.refusals import TEXTS, Refusal
from contest.services import exchange, files, jobs
from contest.web.context import speech
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page

blueprint = Blueprint("jobs", __name__, url_prefix="/manage")

SECTIONS = {"people": "people", "questions": "banks", "results": "results", "invitations": "people",
             "entrants": "overview", "extra": "people", "units": "results", "advanced": "results",
             "papers": "setup"}  # fmt: skip


@blueprint.get("/jobs/<code>")
@policy(see_management)
def show(code: str) -> Response:
    job = jobs.get_job(code, of=current_actor())
    section = SECTIONS[job.kind.partition("-")[0]]
    response = page("jobs/show.html", section, job=job, **_told(job))
    if not job.is_over:
        response.headers["Refresh"] = "2"
    return response


def _told(job: jobs.JobView) -> dict[str, Any]:
    outcome = job.outcome
    return {
        "problems": [_problem(p) for p in outcome.get("problems", [])],
        "refusals": [speech().said(Refusal(r["slug"], r["params"])) for r in outcome.get("refusals", [])],
        "counts": outcome.get("counts", {}),
    }


def _problem(p: dict[str, Any]) -> dict[str, Any]:
    said = speech().said(Refusal(p["slug"], p["params"])) if p["slug"] in TEXTS else p["slug"]
    return {"said": said, "place": place(p["place"]), "excerpt": p["excerpt"], "severity": p["severity"]}


def place(where: dict[str, Any]) -> str:
    """Return where in a file something stands: sheet, row and column, or line, or paragraph."""
    _ = speech().text
    parts = []
    if "sheet" in where:
        parts.append(_("trang %(sheet)s", sheet=where["sheet"]))
    if "row" in where:
        parts.append(_("dòng %(row)s", row=where["row"]))
    if "line" in where:
        parts.append(_("dòng %(row)s", row=where["line"]))
    if "paragraph" in where:
        parts.append(_("đoạn %(paragraph)s", paragraph=where["paragraph"]))
    if "column" in where:
        parts.append(_("cột %(column)s", column=where["column"]))
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


@blueprint.post("/jobs/<code>/confirmation")
@policy(see_management)
def confirm(code: str) -> Response:
    actor = current_actor()
    job = jobs.get_job(code, of=actor)
    if not job.kind.endswith("-preview") or not job.is_over or "counts" not in job.outcome:
        raise NotFound
    return make_response(redirect(url_for("jobs.show", code=exchange.ask_apply(job, by=actor)), 303))


@blueprint.get("/files/<code>")
@policy(see_management)
def download(code: str) -> Response:
    blob = files.get_blob(code, of=current_actor())
    response = make_response(blob.content)
    response.headers["Content-Type"] = blob.media_type
    response.headers.set("Content-Disposition", "attachment", filename=blob.name)
    return response


@blueprint.get("/invitations/<code>")
@policy(see_management)
def invitations(code: str) -> str:
    """Show the printable list of activation codes, as long as its file lives."""
    blob = files.get_blob(code, of=current_actor())
    if blob.name != "cards.json":
        raise NotFound
    return render_template("members/invitations.html", cards=json.loads(blob.content))
