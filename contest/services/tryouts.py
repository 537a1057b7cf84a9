"""Trying a round's paper as a member would: the same draw, the same saves, the review at once; nothing of it counts."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, transaction
from contest.errors import Forbidden, Invalid, NotFound, Refused
from contest.models.attempts import PREDICTION
from contest.models.banks import Bank
from contest.models.contests import Contest, Round
from contest.models.tryouts import Tryout
from contest.rules.attempts import MAX_REVISION, Saved, Verdict, is_revision, judge_save
from contest.rules.papers import BankTooPoor, read_paper
from contest.rules.permissions import Actor, correct_keys
from contest.rules.refusals import Refusal
from contest.rules.steps import Standing, Walk, standing_of
from contest.rules.terms import AttemptState, Layout, PredictionTarget
from contest.services import audit, grading
from contest.services.attempts import drawing, handing, reviews, stepping, walking
from contest.services.attempts.asked import open_questions
from contest.services.attempts.content import PaperShape, contents_of
from contest.services.attempts.paper import PaperView, PredictionView
from contest.services.attempts.saving import Outcome, parse_position, parse_value, read_form
from contest.services.attempts.ways import way_of
from contest.services.contests import rounds, setup

Found = tuple[Tryout, Round, str, str]


def start(slug: str, round_code: str, *, by: Actor) -> str:
    """Draw a paper of a round, published or not, in the place of the one tried before, and return its code.

    Raises Forbidden for those who may not see its keys, Refused when the bank is too poor.
    """
    at = clock.now()
    with transaction():
        contest = setup.get_contest(slug, by=by)
        if not correct_keys(by) or by.member_id is None:
            raise Forbidden
        row = rounds.get_round(contest.id, round_code)
        bank = db.session.get(Bank, row.bank_id) if row.bank_id is not None else None
        try:
            paper = drawing.drawn(row, bank.revision if bank else None, contest.version, None, at)
        except BankTooPoor:
            raise Refused(Refusal("paper-unavailable")) from None
        rounds.drop_tries(Tryout.round_id == row.id, Tryout.member_id == by.member_id)
        tryout = Tryout(round_id=row.id, member_id=by.member_id, paper=paper, saved={}, started_at=at)
        tryout.code, tryout.ends_at = secrets.token_urlsafe(12), at + timedelta(minutes=row.minutes)
        _stand(tryout, walking.begun(row, paper, timedelta(), at))
        db.session.add(tryout)
        audit.record("paper-tried", "round", row.id, by=by, at=at)
    return tryout.code


def _own(code: str, by: Actor) -> Found:
    """Return the actor's own try with its round, locked for the transaction; raises NotFound for anybody else's.

    So it does for one whose round has another paper by now, and says that this may be why.
    """
    found = db.session.execute(
        sa.select(Tryout, Round, Contest.slug, Contest.title)
        .join(Round, Round.id == Tryout.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(Tryout.code == code, Tryout.member_id == by.member_id)
        .with_for_update(of=Tryout)
        .execution_options(populate_existing=True)
    ).first()
    if found is None or not correct_keys(by):
        raise NotFound(Refusal("tryout-gone"))
    return found[0], found[1], found[2], found[3]


def _stand(tryout: Tryout, walk: Walk | None) -> None:
    """Keep when each step was entered, and the end that the last limit brings."""
    if walk is not None:
        tryout.entered = {str(step): at.isoformat() for step, at in walk.entered.items()}
        tryout.ends_at = walking.kept_with(walk, tryout.ends_at, 0)["ends_at"]


def _walk(tryout: Tryout, row: Round) -> Walk | None:
    steps = walking.steps_in(row, read_paper(tryout.paper)) if tryout.entered else None
    entered = {int(step): datetime.fromisoformat(at) for step, at in tryout.entered.items()}
    return Walk(steps, entered) if steps else None


def _standing(walk: Walk | None, position: int, at: datetime) -> Standing:
    if walk is None:
        return Standing.OPEN
    found = standing_of(position, walk.step.first, walk.step.last)
    return Standing.LEFT if found is Standing.OPEN and walk.is_over(at) else found


def _is_over(tryout: Tryout, at: datetime) -> bool:
    return tryout.finished_at is not None or at >= tryout.ends_at


def _values(tryout: Tryout) -> dict[int, tuple[int, Any]]:
    return {int(position): (revision, value) for position, (revision, value) in tryout.saved.items()}


def get_paper(code: str, *, by: Actor) -> PaperView:
    """Return the paper with what is saved, as a member sees it; raises NotFound."""
    tryout, row, slug, title = _own(code, by)
    values, at, walk = _values(tryout), clock.now(), _walk(tryout, row)
    prediction = None
    if row.prediction is not None and (walk is None or walk.is_open(PREDICTION, at)):
        revision, value = values.get(PREDICTION, (0, None))
        prediction = PredictionView(PredictionTarget(row.prediction), value, revision, len(tryout.paper), None)
    state = AttemptState.SUBMITTED if _is_over(tryout, at) else AttemptState.OPEN
    questions = open_questions(read_paper(tryout.paper), values, code, walk, at)
    return PaperView(
        tryout.code,
        row.code,
        row.revision,
        row.title,
        slug,
        title,
        1,
        state,
        tryout.started_at,
        tryout.ends_at,
        at,
        questions,
        prediction,
        (),
        layout=Layout(row.layout),
        way=None if walk is None else way_of(walk, values, tryout.ends_at, at),
    )


def _shape(tryout: Tryout, row: Round) -> PaperShape:
    items = read_paper(tryout.paper)
    contents = contents_of([item.version_id for item in items])
    return PaperShape(tryout.id, tuple(contents[item.version_id] for item in items), row.prediction is not None)


def save(code: str, position: str, revision: object, raw: object, *, by: Actor) -> Outcome:
    """Save one response of a try, judged as those of attempts are; raises NotFound, or Invalid for what no paper holds."""
    at = clock.now()
    with transaction():
        tryout, row, _, _ = _own(code, by)
        shape = _shape(tryout, row)
        place = parse_position(shape, position)
        if not is_revision(revision):
            raise Invalid(Refusal("bad-revision", {"limit": MAX_REVISION}, "revision"))
        value, number = parse_value(shape, place, raw), int(str(revision))
        known = _values(tryout).get(place)
        verdict = judge_save(
            submitted=tryout.finished_at is not None,
            accepts_until=tryout.ends_at,
            arrived_at=at,
            revision=number,
            value=value,
            stored=Saved(known[0], None if known[1] is None else json.dumps(known[1])) if known else None,
            standing=_standing(_walk(tryout, row), place, at),
        )
        if verdict is Verdict.SAVED:
            _keep(tryout, {place: (number, value)})
    if known is None or verdict is Verdict.SAVED:
        return Outcome(verdict, number, raw, at, tryout.ends_at)
    return Outcome(verdict, known[0], known[1], at, tryout.ends_at)


def hand_in(code: str, position: str, sent: handing.Sent, *, by: Actor) -> handing.HandedIn:
    """Keep a file with a try, as with an attempt; nothing comes too late, since nothing of it counts."""
    tryout, row, _, _ = _own(code, by)
    shape = _shape(tryout, row)
    place = parse_position(shape, position)
    made = handing.made_for(shape, place, sent, by=by)
    most, at = handing.most_files(shape, place), clock.now()
    with transaction():
        tryout = _own(code, by)[0]
        if _is_over(tryout, at) or _standing(_walk(tryout, row), place, at) is not Standing.OPEN:
            return handing.HandedIn(Verdict.CLOSED, tryout.ends_at)
        file = handing.keep(code, place, made, sent.title, at, is_try=True)
        return handing.HandedIn(Verdict.SAVED, tryout.ends_at, file, most)


def _keep(tryout: Tryout, saved: Mapping[int, tuple[int, str | None]]) -> None:
    tryout.saved = {**tryout.saved, **{str(p): [r, _loaded(v)] for p, (r, v) in saved.items()}}


def _loaded(value: str | None) -> Any:
    return None if value is None else json.loads(value)


def save_form(code: str, form: Mapping[str, list[str]], *, by: Actor, finish: bool = False) -> Verdict:
    """Save what a plain form carries, and end the try where it says so: SAVED, LATE when its time was over.

    LEFT says that some of it is for a step that was left.
    """
    at, verdict = clock.now(), Verdict.LATE
    with transaction():
        tryout, row, _, _ = _own(code, by)
        if not _is_over(tryout, at):
            known, walk = _values(tryout), _walk(tryout, row)
            carried = [(p, r, v, known.get(p, (0, None))) for p, r, v in read_form(_shape(tryout, row), form)]
            new = {p: (r, v) for p, r, v, old in carried if r > old[0] and _loaded(v) != old[1]}
            stands = {p: _standing(walk, p, at) for p in new}
            _keep(tryout, {p: new[p] for p in new if stands[p] is Standing.OPEN})
            verdict = Verdict.LEFT if Standing.LEFT in stands.values() else Verdict.SAVED
        if finish and tryout.finished_at is None:
            tryout.finished_at = min(at, tryout.ends_at)
    return verdict


def go_on(code: str, leaving: int, *, only_when_over: bool = False, by: Actor) -> stepping.Position:
    """Leave a step of a try for the next, as one does in an attempt."""
    at = clock.now()
    with transaction():
        tryout, row, _, _ = _own(code, by)
        walk = _walk(tryout, row)
        stepping.check(walk, leaving, is_open=not _is_over(tryout, at))
        assert walk is not None
        if leaving == walk.current and (walk.is_over(at) or not only_when_over):
            following = walk.following(at)
            if following is not None:
                walk = walk.entering(following, at)
                _stand(tryout, walk)
        return stepping.position_of(walk, at)


def get_review(code: str, *, by: Actor) -> reviews.ReviewView:
    """Return the try with what is right; raises NotFound, and Closed while it runs."""
    tryout, row, slug, title = _own(code, by)
    if not _is_over(tryout, clock.now()):
        raise Invalid(Refusal("attempt-open"))
    values = _values(tryout)
    texts = {p: (r, None if v is None else json.dumps(v)) for p, (r, v) in values.items()}
    items = read_paper(tryout.paper)
    score = grading.total_of(tryout.paper, texts)
    prediction = values.get(PREDICTION, (0, None))[1]
    shown = reviews.reviewed(items, texts, values, {}, {}, code)
    return reviews.ReviewView(
        tryout.code,
        slug,
        title,
        row.code,
        row.title,
        "",
        score.correct_count,
        score.question_count,
        score.points,
        reviews.possible(shown),
        prediction,
        shown,
    )
