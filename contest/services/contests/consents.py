"""Consent: the text a contest asks by, in versions, and what people gave or withdrew, each purpose by itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from contest import clock
from contest.db import db, insert, rowcount, rows, transaction
from contest.errors import Conflict, NotFound
from contest.models.contests import Contest
from contest.models.entrants import Consent, ConsentText, Registration
from contest.rules.entry_terms import ConsentPurpose
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import ContestState
from contest.services import audit
from contest.services.contests import setup

PARTS = ("collected", "why", "seen_by", "kept_for", "rights")


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A consent as its person sees it; `newest` is the version of the text that is asked by now."""

    slug: str
    contest: str
    purpose: ConsentPurpose
    version: int
    newest: int
    given_at: datetime
    withdrawn_at: datetime | None


def find_text(contest_id: int) -> ConsentText | None:
    """Return the newest version of a contest's text, or None without one."""
    of_contest = sa.select(ConsentText).where(ConsentText.contest_id == contest_id)
    return db.session.scalar(of_contest.order_by(ConsentText.version.desc()).limit(1))


def write(slug: str, parts: Mapping[str, str], *, seen: int, by: Actor) -> None:
    """Write a new version of a contest's text over the one seen; raises Conflict when there is a newer one already."""
    at = clock.now()
    with transaction():
        contest = setup.get_contest(slug, by=by)
        last = find_text(contest.id)
        if (last.version if last else 0) != seen:
            raise Conflict(Refusal("changed-meanwhile"))
        if last is not None and all(getattr(last, name) == parts[name] for name in PARTS):
            return
        values = {name: parts[name] for name in PARTS}
        db.session.add(ConsentText(contest_id=contest.id, version=seen + 1, created_at=at, **values))
        try:
            db.session.flush()
        except IntegrityError:
            raise Conflict(Refusal("changed-meanwhile")) from None
        audit.record("consent-text-written", "contest", contest.id, by=by, at=at, version=seen + 1)


def give(
    text: ConsentText, member_id: int, purposes: Collection[ConsentPurpose], *, way: str, at: datetime
) -> dict[ConsentPurpose, int]:
    """Store consents inside the caller's transaction and return their ids; what was given already stays as it was."""
    who = {"contest_id": text.contest_id, "member_id": member_id}
    for purpose in purposes:
        values = {**who, "text_id": text.id, "purpose": purpose.value, "way": way, "given_at": at}
        db.session.execute(insert(Consent).values(**values).on_conflict_do_nothing())
    held = sa.select(Consent.purpose, Consent.id).where(*_held(text.contest_id, member_id))
    return {ConsentPurpose(row[0]): row[1] for row in rows(held)}


def _held(contest_id: int, member_id: int | None) -> tuple[sa.ColumnElement[bool], ...]:
    mine = Consent.contest_id == contest_id, Consent.member_id == member_id
    return (*mine, Consent.withdrawn_at.is_(None))


def held_by(contest_id: int, member_id: int | None) -> frozenset[ConsentPurpose]:
    """Return to what a person consents now in a contest."""
    query = sa.select(Consent.purpose).where(*_held(contest_id, member_id))
    return frozenset(ConsentPurpose(p) for p in db.session.scalars(query))


def agree(slug: str, purposes: Collection[ConsentPurpose], *, by: Actor) -> None:
    """Give consents alone, where a contest registers nobody or one is registered already; raises NotFound."""
    at = clock.now()
    with transaction(shared=False):
        contest = db.session.scalar(sa.select(Contest).where(Contest.slug == slug, Contest.state != ContestState.DRAFT))
        text = find_text(contest.id) if contest is not None else None
        if contest is None or text is None or by.member_id is None:
            raise NotFound
        give(text, by.member_id, purposes, way="form", at=at)
        told = sorted(p.value for p in purposes)
        audit.record("consent-given", "contest", contest.id, by=by, at=at, purposes=told, version=text.version)


def list_given(actor: Actor) -> list[GivenConsent]:
    """Return everything a person has consented to, the newest first, what was withdrawn included."""
    newest = sa.select(sa.func.max(ConsentText.version)).where(ConsentText.contest_id == Contest.id).correlate(Contest)
    query = (
        sa.select(Contest.slug, Contest.title, Consent, ConsentText.version, newest.scalar_subquery())
        .join(Contest, Contest.id == Consent.contest_id)
        .join(ConsentText, ConsentText.id == Consent.text_id)
        .where(Consent.member_id == actor.member_id)
        .order_by(Consent.given_at.desc(), Consent.id.desc())
        .execution_options(populate_existing=True)
    )
    return [
        GivenConsent(slug, title, ConsentPurpose(c.purpose), version, last, c.given_at, c.withdrawn_at)
        for slug, title, c, version, last in rows(query)
    ]


def withdraw(slug: str, purpose: ConsentPurpose, *, by: Actor) -> None:
    """Withdraw a consent: without the one to publication the name leaves public boards; without the one to taking part
    the registration ends too, and nothing more can be started. What was handed in stays counted. Raises NotFound."""
    at = clock.now()
    with transaction():  # an edition: whoever has withdrawn is named nowhere from now on, on a replica neither
        contest_id = db.session.scalar(sa.select(Contest.id).where(Contest.slug == slug))
        if contest_id is None:
            raise NotFound
        mine: Any = sa.update(Consent).where(*_held(contest_id, by.member_id))
        if purpose is ConsentPurpose.PUBLICATION:
            mine = mine.where(Consent.purpose == purpose.value)
        elif purpose not in held_by(contest_id, by.member_id):
            raise NotFound
        if not rowcount(mine.values(withdrawn_at=at).execution_options(synchronize_session=False)):
            raise NotFound
        if purpose is ConsentPurpose.PARTICIPATION:
            own = sa.update(Registration).where(
                Registration.contest_id == contest_id,
                Registration.member_id == by.member_id,
                Registration.ended_at.is_(None),
            )
            db.session.execute(own.values(ended_at=at).execution_options(synchronize_session=False))
        audit.record("consent-withdrawn", "contest", contest_id, by=by, at=at, purpose=purpose.value)


def may_be_named(contest_id: Any, member_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition under which visitors read a person's name: consent to publication, once a contest asks for it.

    A contest of before consent was asked has no text; its boards stay as its regulations announced them.
    """
    asks = sa.exists().where(ConsentText.contest_id == contest_id)
    given = sa.exists().where(
        Consent.contest_id == contest_id,
        Consent.member_id == member_id,
        Consent.purpose == ConsentPurpose.PUBLICATION.value,
        Consent.withdrawn_at.is_(None),
    )
    return sa.or_(~asks, given)
