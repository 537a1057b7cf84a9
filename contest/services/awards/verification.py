"""From provisional winners to announced ones: verified one by one, recognised by a second person, then announced."""

import sqlalchemy as sa

from contest import clock
from contest.db import db, insert, rowcount, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.models.awards import Award, AwardCheck, PrizeList
from contest.models.contests import Contest
from contest.rules.awards import OpenTie, next_state, why_not_next
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.result_terms import AwardState, Verification
from contest.services import audit
from contest.services.awards import rankings, winners
from contest.services.awards.lists import ListView, get_list, lock
from contest.services.contests import setup


def why_not(contest: Contest, found: ListView, outcome: winners.Outcome, by: Actor) -> Refusal | None:
    """Return why the actor may not take a list to its next state now, or None."""
    version, is_public = rankings.result_of(found)
    if version is None and found.round_id is None:
        return rankings.missing(found)
    tie = outcome.tie
    return why_not_next(
        found.state,
        outcome.verdicts,
        OpenTie(tie.prize, tie.left, tuple(s.code for s in tie.subjects)) if tie else None,
        same_person=contest.four_eyes and by.member_id is not None and by.member_id == found.begun_by_id,
        result_is_public=is_public,
    )


def is_outdated(found: ListView) -> bool:
    """Say whether the result has a newer version than the one by which a list was recognised."""
    version, _ = rankings.result_of(found)
    return found.result_version is not None and version != found.result_version


def proceed(slug: str, list_id: int, *, to: AwardState, by: Actor) -> None:
    """Take a list to its next state; raises Conflict or Forbidden with the reason why not."""
    at = clock.now()
    with transaction():
        setup.get_contest(slug, by=by)
        lock(list_id)
        contest, found = get_list(slug, list_id, by=by)
        if next_state(found.state) is not to:
            raise Conflict(Refusal("award-wrong-state"))
        outcome = winners.outcome(contest, found)
        refusal = why_not(contest, found, outcome, by)
        if refusal is not None:
            raise (Forbidden if refusal.slug == "second-person-award" else Conflict)(refusal)
        version, _ = rankings.result_of(found)
        if version is None:
            raise Conflict(rankings.missing(found))
        values: dict[str, object] = {"state": to}
        if to is AwardState.VERIFICATION:
            values["begun_by_id"] = by.member_id
        if to is AwardState.OFFICIAL:
            values |= {"recognised_at": at, "result_version": version}
            _recognise(found, outcome)
        if to is AwardState.ANNOUNCED:
            values["announced_at"] = at
        step = sa.update(PrizeList).where(PrizeList.id == list_id, PrizeList.state == found.state)
        if not rowcount(step.values(**values).execution_options(synchronize_session=False)):
            raise Conflict(Refusal("changed-meanwhile"))
        details = {"list": list_id, "to": to.value, "result": version}
        audit.record("awards-moved-on", "contest", contest.id, by=by, at=at, **details)


def _recognise(found: ListView, outcome: winners.Outcome) -> None:
    given = [
        {"list_id": found.id, "prize_number": w.prize_number, "subject_id": w.subject.id, "place": w.subject.place}
        for w in outcome.winners
    ]
    if given:
        db.session.execute(sa.insert(Award), given)


def judge(slug: str, list_id: int, subject_id: int, verdict: Verification, reason: str, *, by: Actor) -> None:
    """Say what the verification of a winner found; whoever is refused makes room for the next, with the reason on record.

    Raises Invalid for a refusal without a reason, NotFound for somebody who is neither a winner nor refused.
    """
    at = clock.now()
    if verdict is Verification.REFUSED and not reason.strip():
        raise Invalid(Refusal("public-reason-missing", field="reason"))
    with transaction():
        setup.get_contest(slug, by=by)
        lock(list_id)
        contest, found = get_list(slug, list_id, by=by)
        if found.state is not AwardState.VERIFICATION:
            raise Conflict(Refusal("award-wrong-state"))
        outcome = winners.outcome(contest, found)
        known = {w.subject.id for w in outcome.winners} | {p.subject.id for p in outcome.passed if p.subject.may_win}
        if subject_id not in known:
            raise NotFound
        row: dict[str, object] = {"list_id": list_id, "subject_id": subject_id, "verdict": verdict.value}
        row["reason"] = reason.strip()
        row |= {"by_id": by.member_id, "at": at}
        stored = insert(AwardCheck).values(**row)
        changed = {name: stored.excluded[name] for name in ("verdict", "reason", "by_id", "at")}
        db.session.execute(stored.on_conflict_do_update(index_elements=["list_id", "subject_id"], set_=changed))
        details = {"list": list_id, "subject": subject_id, "verdict": verdict.value, "reason": reason.strip()}
        audit.record("winner-verified", "contest", contest.id, by=by, at=at, **details)
