"""Lists of entrants as jobs: a list is kept and looked at, then, confirmed, carried out unless something has changed."""

from typing import Any

from contest import clock
from contest.db import transaction
from contest.errors import Invalid
from contest.models.jobs import Job
from contest.rules.entry_terms import EntrantMark, EntrantReason
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.services import files, jobs
from contest.services.contests import entrant_lists
from contest.services.contests.entrant_lists import Plan, Said
from contest.services.jobs import Done

SHOWN = 50
MOST_PASTED = 200_000  # characters


def ask_pasted(slug: str, text: str, said: Said, *, by: Actor) -> str:
    """Keep pasted codes and ask for their preview; returns the job's code."""
    if len(text) > MOST_PASTED:
        raise Invalid(Refusal("too-long", {"limit": MOST_PASTED}, "codes"))
    return _ask(slug, files.Blob("danh-sach.txt", "text/plain; charset=utf-8", text.encode()), True, said, by)


def ask_file(slug: str, name: str, data: bytes, said: Said, *, by: Actor) -> str:
    """Keep a file and ask for its preview; returns the job's code."""
    return _ask(slug, files.Blob(name[:200], "application/octet-stream", data), False, said, by)


def _ask(slug: str, blob: files.Blob, pasted: bool, said: Said, by: Actor) -> str:
    at = clock.now()
    if said.mark in {EntrantMark.STAYS_OUT, EntrantMark.NO_PRIZE} and said.reason is None:
        raise Invalid(Refusal("reason-missing", field="reason"))
    with transaction():
        contest = entrant_lists.get_open_contest(slug, by)
        file = files.store(blob, owner=by, at=at)
        payload: dict[str, Any] = {"file_id": file.id, "name": blob.name, "contest": contest.slug, "pasted": pasted}
        reason = said.reason.value if said.reason else None
        return jobs.ask(
            "entrants-preview", {**payload, "mark": said.mark.value, "reason": reason, "note": said.note}, by=by, at=at
        )


def preview(job: Job, by: Actor) -> Done:
    """Carry out the job `entrants-preview`."""
    plan, said = _plan(job, by)
    people = [{"code": p.code, "name": p.full_name, "unit": p.unit} for p in plan.changed[:SHOWN]]
    outcome = {"counts": plan.counts(), "problems": jobs.problems(plan.problems), "changed": people}
    return Done({**outcome, "mark": said.mark.value})


def carry_out(job: Job, by: Actor) -> Done:
    """Carry out the job `entrants-import`: what was previewed, unless something has changed since."""
    plan, said = _plan(job, by)
    jobs.expect(plan.counts(), job)
    entrant_lists.apply(job.payload["contest"], plan, said, by=by)
    return Done({"counts": plan.counts(), "problems": jobs.problems(plan.problems)})


def _plan(job: Job, by: Actor) -> tuple[Plan, Said]:
    p = job.payload
    said = Said(EntrantMark(p["mark"]), EntrantReason(p["reason"]) if p["reason"] else None, p["note"])
    reading = entrant_lists.read(files.get_content(p["file_id"]), pasted=p["pasted"])
    return entrant_lists.plan(p["contest"], reading, said, by=by), said
