"""Pictures and recordings of a bank: made anew behind the airlock, stored once each, claimed by the versions that show them."""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, insert, transaction
from contest.errors import Invalid, NotFound
from contest.formats.drafts import FileDraft, MediaDraft, Problem, QuestionDraft, Reading
from contest.formats.rich.questions import media_names, rename_media
from contest.gateways import airlock
from contest.models.banks import Bank
from contest.models.media import Medium, MediumUse
from contest.rules.permissions import Actor, author_questions
from contest.rules.refusals import Refusal
from contest.rules.text import clean
from contest.services import audit
from contest.services.banks.shelf import banks_of, get_bank, may

ALT_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Made:
    """A medium that is not stored yet, with the digest of the file it was made from."""

    draft: MediaDraft
    source_sha256: str


@dataclass(slots=True)
class Prepared:
    """Drafts that show media of a bank by their names there; those not in it yet lie in `made`, by the drafts' names."""

    reading: Reading[QuestionDraft]
    made: dict[str, Made] = field(default_factory=dict)


def add(bank_code: str, data: bytes, words: str, *, by: Actor) -> str:
    """Store a picture or a recording and return the Markdown that shows it.

    Raises Invalid (field `media` or `media_words`) for a file that is not taken, and without words that stand for it.
    """
    may(author_questions, by)
    told = clean(words, limit=ALT_LIMIT)
    if isinstance(told, Refusal) or not told:
        refusal = told if isinstance(told, Refusal) else Refusal("media-words-missing")
        raise Invalid(Refusal(refusal.slug, refusal.params, "media_words"))
    bank = get_bank(bank_code, by=by)
    made = _made(data)
    at = clock.now()
    if isinstance(made, Refusal):
        raise Invalid(Refusal(made.slug, made.params, "media"))
    with transaction():
        name = keep(bank.id, made, by=by, at=at)
        audit.record("media-stored", "bank", bank.id, by=by, at=at, name=name)
    escaped = told.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return f"![{escaped}](media:{name})"


def _made(data: bytes) -> Made | Refusal:
    reading: Reading[MediaDraft] = airlock.read("media", data, seconds=10)
    if reading.problems:
        return reading.problems[0].refusal
    return Made(reading.drafts[0], hashlib.sha256(data).hexdigest())


def keep(bank_id: int, made: Made, *, by: Actor, at: datetime) -> str:
    """Store a medium inside the caller's transaction, unless the bank has it, and return its name."""
    draft = made.draft
    digest = hashlib.sha256(draft.content).hexdigest()
    if known := known_names(bank_id, {made.source_sha256, digest}):
        return next(iter(known.values()))
    size = f"-{draft.width}x{draft.height}" if draft.width else ""
    values = {
        "bank_id": bank_id,
        "name": f"{secrets.token_urlsafe(18)}{size}.{draft.suffix}",
        "media_type": draft.media_type,
        "width": draft.width,
        "height": draft.height,
        "size": len(draft.content),
        "sha256": digest,
        "source_sha256": made.source_sha256,
        "content": draft.content,
        "by_id": by.member_id,
        "at": at,
    }
    db.session.execute(insert(Medium).values(**values).on_conflict_do_nothing())
    return known_names(bank_id, {made.source_sha256})[made.source_sha256]


def known_names(bank_id: int, digests: Iterable[str]) -> dict[str, str]:
    """Return digest → name of the media of a bank that were made from files with these digests, or are such files."""
    wanted = set(digests)
    query = sa.select(Medium.sha256, Medium.source_sha256, Medium.name).where(
        Medium.bank_id == bank_id, sa.or_(Medium.sha256.in_(wanted), Medium.source_sha256.in_(wanted))
    )
    found = [tuple(row) for row in db.session.execute(query.order_by(Medium.id.desc()))]
    return {digest: name for *digests_of, name in found for digest in digests_of if digest in wanted}


def claim(bank_id: int, version_id: int, draft: QuestionDraft) -> None:
    """Note what a new version shows, inside the caller's transaction; raises Invalid for media of no or another bank."""
    names = media_names(draft)
    if not names:
        return
    query = sa.select(Medium.name, Medium.id).where(Medium.bank_id == bank_id, Medium.name.in_(names))
    ids = {row.name: row.id for row in db.session.execute(query)}
    if missing := [name for name in names if name not in ids]:
        raise Invalid(*(Refusal("media-elsewhere", {"name": name}, "text") for name in missing))
    db.session.execute(sa.insert(MediumUse), [{"medium_id": ids[n], "version_id": version_id} for n in names])


def prepare(bank_id: int | None, reading: Reading[QuestionDraft]) -> Prepared:
    """Make the files of drafts anew, each once, outside of any transaction.

    What the bank has goes by its name there, so that the same file read again changes nothing. A question whose file is
    not taken is left out, with the reason at its place.
    """
    files = {file.name: file.content for draft in reading.drafts for file in draft.files}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    known = known_names(bank_id, digests.values()) if bank_id is not None and files else {}
    names = {name: known[digest] for name, digest in digests.items() if digest in known}
    outcomes = {name: _made(content) for name, content in files.items() if name not in names}
    made = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, Made)}
    shown = {name for draft in reading.drafts for name in media_names(draft)} - files.keys()
    stored = _stored(bank_id, shown) if bank_id is not None else set()
    missing = {name: Refusal("media-elsewhere", {"name": name}) for name in shown - stored}
    refused = missing | {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, Refusal)}
    drafts: list[QuestionDraft] = []
    problems = list(reading.problems)
    for draft in reading.drafts:
        wrong = [refused[name] for name in media_names(draft) if name in refused]
        problems += [Problem(refusal, draft.place, draft.text[:120]) for refusal in wrong]
        if not wrong:
            kept = tuple(
                file for file in draft.files if file.name in made
            )  # with what is looked at before it is stored
            drafts.append(replace(rename_media(draft, names), files=kept) if draft.files else draft)
    return Prepared(Reading(tuple(drafts), tuple(problems)), made)


def _stored(bank_id: int, names: Collection[str]) -> set[str]:
    if not names:
        return set()
    query = sa.select(Medium.name).where(Medium.bank_id == bank_id, Medium.name.in_(names))
    return set(db.session.scalars(query))


def adopt(bank_id: int, draft: QuestionDraft, made: Mapping[str, Made], *, by: Actor, at: datetime) -> QuestionDraft:
    """Store what a prepared draft shows inside the caller's transaction; return it with the names of the bank."""
    shown = [name for name in media_names(draft) if name in made]
    return rename_media(draft, {name: keep(bank_id, made[name], by=by, at=at) for name in shown})


def contents_of(bank_id: int, names: Collection[str]) -> dict[str, bytes]:
    """Return name → bytes of media of a bank."""
    if not names:
        return {}
    query = sa.select(Medium.name, Medium.content).where(Medium.bank_id == bank_id, Medium.name.in_(names))
    return {row.name: row.content for row in db.session.execute(query)}


def with_files(bank_id: int, drafts: Sequence[QuestionDraft]) -> list[QuestionDraft]:
    """Return drafts with the files that they show, for formats that carry them."""
    contents = contents_of(bank_id, {name for draft in drafts for name in media_names(draft)})
    return [
        replace(draft, files=tuple(FileDraft(n, contents[n]) for n in media_names(draft) if n in contents))
        for draft in drafts
    ]


def find_own(name: str, *, by: Actor) -> Medium | None:
    """Return a medium of the actor's own banks."""
    query = sa.select(Medium).join(Bank, Bank.id == Medium.bank_id)
    return db.session.scalar(query.where(Medium.name == name, banks_of(by)))


def get(name: str) -> Medium:
    """Return a medium, for services that judge who may see it; raises NotFound."""
    medium = db.session.scalar(sa.select(Medium).where(Medium.name == name))
    if medium is None:
        raise NotFound
    return medium
