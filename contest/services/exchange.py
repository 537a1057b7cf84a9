"""Files in and out as jobs: an upload is looked at first, then carried out; an export becomes a file of its owner."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from contest import clock
from contest.db import transaction
from contest.errors import Forbidden, Invalid, NotFound
from contest.formats import aiken, gift, moodle, qti, tables, word
from contest.formats.drafts import OF_WORDS, Problem, Reading
from contest.formats.losses import Writing, carrying
from contest.formats.old_codes import OldCode
from contest.formats.passages import together
from contest.gateways import airlock
from contest.models.jobs import Job
from contest.rules.import_terms import Fate, JobStage
from contest.rules.permissions import Actor, author_questions, manage_people
from contest.rules.question_terms import FILE_TYPES, FileKind, Kind
from contest.rules.questions import TOLD
from contest.rules.refusals import Refusal
from contest.rules.terms import mark
from contest.services import files, jobs, organisation
from contest.services.banks import browsing, imports, likenesses, media, previews, shelf
from contest.services.banks import exchange as bank_exchange
from contest.services.jobs import Done
from contest.services.members import activation, extra_time_lists, lists

MEDIA = {
    **FILE_TYPES[FileKind.SHEET],
    **FILE_TYPES[FileKind.PDF],
    "zip": "application/zip",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "gift": "text/plain; charset=utf-8",
    "aiken": "text/plain; charset=utf-8",
    "moodle": "application/xml",
    **dict.fromkeys(qti.DIALECTS, "application/zip"),
    **FILE_TYPES[FileKind.WORD],
}
SUFFIX = {
    "gift": "gift.txt",
    "aiken": "aiken.txt",
    "moodle": "xml",
    **{name: f"{name}.zip" for name in qti.DIALECTS},
}
READER_OF = {
    "xlsx": "questions-table",
    "csv": "questions-table",
    **dict.fromkeys(qti.DIALECTS, "qti"),
}  # the others are named like their format
_CHOICES = (Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE)
WRITERS: Mapping[str, Writing] = {
    "xlsx": carrying("Excel", OF_WORDS, lambda drafts: tables.write_table(drafts, "xlsx")),
    "csv": carrying("CSV", OF_WORDS, lambda drafts: tables.write_table(drafts, "csv")),
    "gift": carrying("GIFT", {*_CHOICES, *gift.IN_PARTS, *TOLD}, gift.write_gift, guides=False),
    "aiken": carrying("Aiken", _CHOICES, aiken.write_aiken),
    "moodle": carrying("Moodle XML", OF_WORDS, moodle.write_moodle),
    "docx": carrying("Word", OF_WORDS, word.write_word),
    **{name: carrying(dialect.title, tuple(Kind), qti.writer(name)) for name, dialect in qti.DIALECTS.items()},
}
WITH_FILES = ("docx", "moodle", *qti.DIALECTS)  # formats that carry pictures and recordings
QUESTION_FORMATS = tuple(WRITERS)
OLD_CODES = tuple(code.value for code in OldCode)  # what an upload may be converted from


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    data: bytes


def questions_template() -> bytes:
    """Return the workbook that organisers fill in with questions."""
    return tables.questions_template()


def people_template() -> bytes:
    """Return the workbook that organisers fill in with units and members."""
    return tables.people_template()


def ask_preview(kind: str, upload: Upload, *, by: Actor, **payload: Any) -> str:
    """Keep an upload and ask for its preview; returns the job's code."""
    at = clock.now()
    with transaction():
        blob = files.Blob(upload.name[:200], "application/octet-stream", upload.data)
        file = files.store(blob, owner=by, at=at)
        return jobs.ask(kind, {"file_id": file.id, "name": upload.name[:200], **payload}, by=by, at=at)


def ask_apply(preview: jobs.JobView, *, by: Actor) -> str:
    """Ask for what a finished preview showed to be carried out; of questions, what was chosen."""
    if preview.kind == "questions-preview":
        return _ask_import(preview, by)
    at = clock.now()
    with transaction():
        payload = {**preview.payload, "expected": preview.outcome["counts"]}
        return jobs.ask(preview.kind.replace("preview", "import"), payload, by=by, at=at)


def ask_export(kind: str, payload: Mapping[str, Any], *, by: Actor) -> str:
    """Ask for an export; returns the job's code."""
    with transaction():
        return jobs.ask(kind, payload, by=by, at=clock.now())


def read_people(data: bytes, *, by: Actor) -> lists.Plan:
    """Return what a list of units and members would do, read behind the airlock; raises Forbidden."""
    _may(manage_people, by)
    units, members = airlock.read("units", data), airlock.read("members", data)
    people = tables.without_examples(tables.beside_units(members, units))
    return lists.plan(tables.without_examples(units), people, by=by)


def read_questions(data: bytes, *, form: str | None = None, convert: str | None = None) -> Reading[Any]:
    """Return the questions of a file, read behind the airlock; without a format it is told by the content.

    A file in an old code page is refused with a sample of what it would say, unless `convert` names that code page.
    """
    reader = READER_OF.get(form, form) if form else "questions"
    return tables.without_examples(airlock.read(reader, data, convert=convert))


def preview_people(job: Job, by: Actor) -> Done:
    """Carry out the job `people-preview`."""
    plan = read_people(files.get_content(job.payload["file_id"]), by=by)
    people = [{"code": p.values["code"], "name": p.values["full_name"], "unit": p.unit} for p in plan.new_people[:50]]
    return Done({"counts": people_counts(plan), "problems": jobs.problems(plan.problems), "new": people})


def import_people(job: Job, by: Actor) -> Done:
    """Carry out the job `people-import`: what was previewed, unless something has changed since."""
    plan = read_people(files.get_content(job.payload["file_id"]), by=by)
    counts = people_counts(plan)
    jobs.expect(counts, job)
    lists.apply(plan, by=by, progress=lambda done, total: jobs.progress(job.id, done, total))
    return Done({"counts": counts, "problems": jobs.problems(plan.problems)})


def people_counts(plan: lists.Plan) -> dict[str, int]:
    """Return what a plan would do, in figures."""
    return {
        "new_units": len(plan.new_units),
        "changed_units": len(plan.changed_units),
        "new_people": len(plan.new_people),
        "changed_people": len(plan.changed_people),
        "unchanged": plan.unchanged,
        "errors": len(plan.errors),
    }


def preview_questions(job: Job, by: Actor) -> Done:
    """Carry out the job `questions-preview`: every question is kept with the job, page by page to be looked at and chosen."""
    jobs.progress(job.id, 0, 0, JobStage.READING)
    upload = Upload(job.payload["name"], files.get_content(job.payload["file_id"]))
    bank = shelf.get_bank(job.payload["bank"], by=by).code
    told = jobs.paced(job.id, JobStage.COMPARING)
    plan = plan_questions(bank, upload, convert=job.payload.get("convert"), by=by, progress=told)
    previews.store(job.id, plan)
    rest = [
        p for p in plan.problems if p.refusal.slug not in bank_exchange.WARNED.values()
    ]  # those stand with their questions
    return Done({"counts": _question_counts(plan, rest), "problems": jobs.problems(rest)})


def import_questions(job: Job, by: Actor) -> Done:
    """Carry out the job `questions-import`: what was chosen of a preview, unless any of it would do something else now."""
    _may(author_questions, by)
    p = job.payload
    bank = shelf.get_bank(p["bank"], by=by)
    jobs.expect(previews.choice(p["preview"], of=by), job)
    chosen = previews.chosen(p["preview"], bank.id, of=by, progress=jobs.paced(job.id, JobStage.COMPARING))
    told = jobs.paced(job.id, JobStage.STORING)
    number = imports.apply(bank.code, chosen.items, by=by, file=p["name"], made=chosen.media, progress=told)
    changed = sum(item.former_id is not None for item in chosen.items)
    return Done({"counts": {"new": len(chosen.items) - changed, "changed": changed}, "import": number})


def ask_conversion(preview: jobs.JobView, *, by: Actor) -> str:
    """Ask for a preview anew, its file converted from the code page that it was found to be in; raises NotFound for none."""
    told = next((p for p in preview.outcome.get("problems", ()) if p["slug"] == "old-code"), None)
    if told is None:
        raise NotFound
    with transaction():
        payload = {**preview.payload, "convert": told["params"]["convert"]}
        return jobs.ask(preview.kind, payload, by=by, at=clock.now())


def search_likeness(job: Job, by: Actor) -> Done:
    """Carry out the job `questions-likeness`."""
    told = jobs.paced(job.id, JobStage.COMPARING)
    return Done({"pairs": likenesses.search(job.payload["bank"], by=by, progress=told)})


def _ask_import(preview: jobs.JobView, by: Actor) -> str:
    """Raises Invalid where nothing was chosen."""
    at = clock.now()
    expected = previews.choice(preview.code, of=by)
    if not expected["count"]:
        raise Invalid(Refusal("nothing-chosen"))
    with transaction():
        payload = {k: preview.payload[k] for k in ("bank", "name")}
        payload |= {"preview": preview.code, "expected": expected}
        return jobs.ask("questions-import", payload, by=by, at=at)


def plan_questions(
    bank: str,
    upload: Upload,
    *,
    form: str | None = None,
    convert: str | None = None,
    by: Actor,
    progress: bank_exchange.Progress = lambda done, total: None,
) -> bank_exchange.Plan:
    """Return what a file of questions would do to a bank, or to one not made yet; raises Forbidden or NotFound."""
    _may(author_questions, by)
    is_new = bank_exchange.find_bank(bank) is None
    bank_id = None if is_new else shelf.get_bank(bank, by=by).id
    return bank_exchange.plan(bank_id, read_questions(upload.data, form=form, convert=convert), progress)


def _question_counts(plan: bank_exchange.Plan, rest: Sequence[Problem]) -> dict[str, int]:
    counts = Counter(item.fate for item in plan.items)
    found = {fate.value: counts[fate] for fate in Fate}
    return {**found, "warnings": len(rest) - len(plan.errors), "errors": len(plan.errors)}


def extra_times(job: Job, by: Actor, *, apply: bool) -> Done:
    """Carry out the jobs `extra-times-preview` and `extra-times-import`."""
    plan = extra_time_lists.read(files.get_content(job.payload["file_id"]), by=by)
    if apply:
        jobs.expect(plan.counts, job)
        extra_time_lists.apply(plan, by=by)
    return Done({"counts": plan.counts, "problems": jobs.problems(plan.problems)})


def _may(permission: Callable[[Actor], bool], by: Actor) -> None:
    """Judge the right again when the job runs: it may have been taken away while it waited."""
    if not by.is_system and not permission(by):
        raise Forbidden


def export_questions(job: Job, by: Actor) -> Done:
    """Carry out the job `questions-export`; what the format could not carry is said in the outcome."""
    p = job.payload
    data, problems = jobs.up_to_now(lambda: questions_file(p["bank"], p["format"], by=by))
    done = filed(data, f"{p['bank']}.{SUFFIX.get(p['format'], p['format'])}", p["format"], by)
    return Done({**done.outcome, "problems": jobs.problems(problems)}, done.file_id)


def questions_file(bank: str, form: str, *, by: Actor) -> tuple[bytes, tuple[Problem, ...]]:
    """Return a bank in a format, and what the format could not carry."""
    drafts = browsing.versions_for_export(bank, by=by)
    if form not in WRITERS:
        raise Invalid(Refusal("not-a-choice", field="format"))
    if form in WITH_FILES:
        drafts = media.with_files(shelf.get_bank(bank, by=by).id, drafts)
    return WRITERS[form](together(drafts))


def export_invitations(job: Job, by: Actor) -> Done:
    """Carry out the job `invitations`: new activation codes for a unit, as a workbook, or sent by e-mail."""
    p = job.payload
    _may(manage_people, by)
    found = activation.invite(p["unit"], by=by, by_mail=p["by_mail"], base_url=p["base_url"], locale=p["locale"])
    if p["by_mail"]:
        return Done({"count": len(found)})
    speech = organisation.speech(p["locale"])
    data = tables.write_sheet(
        speech.text(mark("Mã kích hoạt")),
        [speech.text(h) for h in INVITATION_HEADS],
        [[i.unit, i.member_code, i.full_name, i.activation_code] for i in found],
    )
    done = filed(data, f"ma-kich-hoat-{p['unit']}.xlsx", "xlsx", by)
    cards = json.dumps([[i.unit, i.member_code, i.full_name, i.activation_code] for i in found]).encode()
    at = clock.now()
    with transaction():  # the printable list lives as long as the workbook: codes are kept nowhere else
        printable = files.store(files.Blob("cards.json", MEDIA["json"], cards), owner=by, at=at)
    return Done({**done.outcome, "count": len(found), "cards": printable.code}, done.file_id)


INVITATION_HEADS = (mark("Đơn vị"), mark("Mã đoàn viên"), mark("Họ và tên"), mark("Mã kích hoạt"))


def filed(data: bytes | IO[bytes], name: str, form: str, by: Actor) -> Done:
    """Keep a finished export as a file of its owner."""
    at = clock.now()
    with transaction():
        file = files.store(files.Blob(name, MEDIA[form], data), owner=by, at=at)
    return Done({"name": name, "size": file.size}, file.id)
