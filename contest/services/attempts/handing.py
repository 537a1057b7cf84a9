"""Handing in files as answers: made anew behind the airlock, kept with the paper they belong to."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, transaction
from contest.errors import Invalid, NotFound, Refused, TooMany
from contest.formats.drafts import MediaDraft, Reading
from contest.gateways import airlock
from contest.models.handed import HandedFile
from contest.rules.attempts import Verdict
from contest.rules.permissions import Actor
from contest.rules.question_terms import Kind
from contest.rules.questions import upload
from contest.rules.refusals import Refusal
from contest.rules.terms import AttemptState
from contest.rules.text import clean
from contest.services.attempts import closing, missing, walking
from contest.services.attempts.content import Content, PaperShape, find_shape
from contest.services.attempts.handed import FileView
from contest.services.attempts.saving import parse_position
from contest.services.members import limiter

TITLE_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as a browser sends it: what its owner calls it, and its bytes."""

    title: str
    content: bytes


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of a file: SAVED, LATE or LEFT and kept as evidence, or CLOSED or NOT_YET and not kept."""

    verdict: Verdict
    ends_at: datetime
    file: FileView | None = None
    most: int = 1  # files that the question takes


def hand_in(code: str, position: str, sent: Sent, *, by: Actor, arrived: datetime) -> HandedIn:
    """Keep a file with the actor's own attempt and return what became of it; it is committed when this returns.

    It counts once a response names it. Raises NotFound for an attempt that is not the actor's, Invalid for what the
    question does not take, TooMany for more files than anybody needs.
    """
    shape = find_shape(code, by.member_id or 0)
    if shape is None:
        raise NotFound
    place = parse_position(shape, position)
    made = made_for(shape, place, sent, by=by)
    at = clock.now()
    with transaction(shared=False):
        attempt = closing.locked(code, by)
        if attempt.state == AttemptState.SUBMITTED:
            return HandedIn(Verdict.CLOSED, attempt.ends_at)
        in_time = attempt.state == AttemptState.OPEN and arrived <= attempt.accepts_until
        verdict = walking.verdict_in(attempt, place, arrived) if in_time else Verdict.LATE
        if verdict is Verdict.NOT_YET:
            return HandedIn(verdict, attempt.ends_at)
        file = keep(code, place, made, sent.title, at, is_try=False)
        if verdict is Verdict.SAVED:
            return HandedIn(verdict, attempt.ends_at, file, most_files(shape, place))
        missing.keep(attempt, verdict, [(place, 0, json.dumps([file.name]))], arrived)
    return HandedIn(verdict, attempt.ends_at, file, most_files(shape, place))


def made_for(shape: PaperShape, place: int, sent: Sent, *, by: Actor) -> MediaDraft:
    """Return a file made anew, if the question takes such files; raises Invalid (field `file`), TooMany."""
    asked = _asked(shape, place)
    limiter.admit_file(by.member_id or 0)
    try:
        reading: Reading[MediaDraft] = airlock.read("handed", sent.content, seconds=10)
    except Refused as failed:  # of the file alone: what else came with it is kept
        raise Invalid(replace(failed.refusal, field="file")) from None
    if reading.problems:
        raise Invalid(replace(reading.problems[0].refusal, field="file"))
    (made,) = reading.drafts
    if not upload.is_asked(asked.body, made.suffix):
        raise Invalid(Refusal("file-not-asked", {"kinds": asked.body.limits.kinds}, "file"))
    return made


def most_files(shape: PaperShape, place: int) -> int:
    """Return how many files the question at a place takes."""
    return _asked(shape, place).body.limits.most


def _asked(shape: PaperShape, place: int) -> Content:
    asked = shape.questions[place - 1] if place else None
    if asked is None or asked.kind is not Kind.UPLOAD:
        raise Invalid(Refusal("bad-position", field="position"))
    return asked


def keep(code: str, place: int, made: MediaDraft, title: str, at: datetime, *, is_try: bool) -> FileView:
    """Store a file inside the caller's transaction; the same file again is the one there is. Raises Invalid for too many."""
    digest = hashlib.sha256(made.content).hexdigest()
    here = (HandedFile.paper_code == code, HandedFile.position == place)
    known = db.session.scalar(sa.select(HandedFile).where(*here, HandedFile.sha256 == digest))
    if known is not None:
        return FileView(known.name, known.title, known.size, known.at)
    if (db.session.scalar(sa.select(sa.func.count()).where(*here)) or 0) >= upload.MOST_KEPT:
        raise Invalid(Refusal("files-kept-enough", {"limit": upload.MOST_KEPT}, "file"))
    name = f"{secrets.token_urlsafe(12)}-{digest[:32]}.{made.suffix}"
    told = clean(title.replace("/", " ").replace("\\", " ")[-TITLE_LIMIT:], limit=TITLE_LIMIT)
    called = told if isinstance(told, str) and told else f"tep.{made.suffix}"
    file = HandedFile(
        name=name, paper_code=code, is_try=is_try, position=place, title=called, at=at, content=made.content
    )
    file.media_type, file.size, file.sha256 = made.media_type, len(made.content), digest
    db.session.add(file)
    return FileView(name, called, len(made.content), at)


def hand_in_all(
    form: Mapping[str, list[str]], sent: Mapping[str, Sent], hand: Callable[[str, Sent], HandedIn]
) -> tuple[dict[str, list[str]], dict[str, Refusal]]:
    """Hand in the files that a plain form carries, by position, with what keeps one of them.

    Returns the form as if the kept ones had been ticked in it, and why a file does not count, by position.
    """
    out, refused = dict(form), dict[str, Refusal]()
    for position, one in sent.items():
        try:
            done = hand(position, one)
        except (Invalid, TooMany) as no:
            refused[position] = no.refusal
            continue
        field = f"response-{position}"
        if done.file is not None:
            kept = upload.with_another(done.most, out.get(field, []), done.file.name)
            if isinstance(kept, Refusal):
                refused[position] = kept
            else:
                out[field] = list(kept)
    return out, refused
