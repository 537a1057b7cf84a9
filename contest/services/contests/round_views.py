"""A round as members and visitors see it: when it is, what may be done now, and where the reader stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from contest.models.contests import Contest, Round
from contest.rules.attempts import may_start
from contest.rules.permissions import Actor
from contest.rules.queueing import Ticket, ends_at
from contest.rules.refusals import Refusal
from contest.rules.steps import Course
from contest.rules.terms import Board, ContestState, Counted, Criterion, LimitPer, Phase, PredictionTarget
from contest.rules.windows import Schedule, Window
from contest.services.contests import advanced
from contest.services.contests.courses import course_of
from contest.services.contests.figures import Figures, Mine
from contest.services.contests.limits import period_of, since_of


@dataclass(frozen=True, slots=True)
class MyPlace:
    """Where a person stands in a settled round, and what the attempt that counts achieved."""

    place: int
    correct: Decimal
    total: int


@dataclass(frozen=True, slots=True)
class RoundView:
    code: str
    number: int
    title: str
    phase: Phase
    opens_at: datetime
    closes_at: datetime
    minutes: int
    question_count: int
    possible: Decimal | None
    prediction: PredictionTarget | None
    attempts_allowed: int | None
    attempts_per: LimitPer
    attempts_used: int
    attempts_left: int | None
    open_attempt: str | None
    may_start: bool
    why_not: Refusal | None
    counted: Counted
    criteria: tuple[Criterion, ...]
    board: Board
    board_visible: bool
    is_settled: bool
    is_official: bool
    names_public: bool
    schedule: Schedule
    extra: timedelta
    window_closes_at: datetime
    course: Course
    is_restricted: bool = False
    has_advanced: bool = False
    is_list_confirmed: bool = False
    barred: Refusal | None = None
    kept_out: Refusal | None = (
        None  # what bars the reader whenever the round opens: an unconfirmed list may yet let them in
    )
    mine: MyPlace | None = None
    last_attempt: str | None = None
    voided_attempt: str | None = None

    def ends_at(self, at: datetime, ticket: Ticket | None = None) -> datetime:
        """Return when an attempt would end that is started now, by somebody who has waited for it or not."""
        return ends_at(self.schedule, at, timedelta(minutes=self.minutes), self.extra, ticket)

    def is_cut(self, at: datetime) -> bool:
        """Say whether the close of the window would cut an attempt started now."""
        return self.schedule.about(at).closes_at < at + timedelta(minutes=self.minutes)

    @property
    def extra_minutes(self) -> int:
        return int(self.extra.total_seconds()) // 60

    def opens_next(self, at: datetime) -> datetime | None:
        """Return when one may start, where one has to wait for it: the opening of the round or of its next window."""
        again = self.schedule.opens_again(at)
        return None if again == at else again


_SAME = (
    "code", "number", "title", "opens_at", "closes_at", "minutes", "possible", "names_public", "attempts_allowed",
)  # fmt: skip


def round_view(
    row: Round,
    contest: Contest,
    mine: Mine,
    barred: Refusal | None,
    actor: Actor | None,
    at: datetime,
    *,
    figures: Figures,
    schedule: Schedule,
) -> RoundView:
    """Return a round as one person sees it; `barred` is why they may not take part, `mine` what they have of it."""
    recent = mine.used_since(since_of(row, at)) if mine.tries else 0
    open_attempt = mine.open_code
    not_advanced = None if actor is None else advanced.why_not(figures.is_restricted, mine.has_advanced)
    kept_out, barred = barred or (not_advanced if figures.is_confirmed else None), barred or not_advanced
    why_not = _why_not(row, contest, schedule, barred, recent, open_attempt is not None, at)
    return RoundView(
        **{name: getattr(row, name) for name in _SAME},
        phase=Window(row.opens_at, row.closes_at).phase(at),
        question_count=figures.question_count,
        prediction=PredictionTarget(row.prediction) if row.prediction else None,
        attempts_per=LimitPer(row.attempts_per),
        attempts_used=len(mine.tries),
        attempts_left=None if row.attempts_allowed is None else max(0, row.attempts_allowed - recent),
        open_attempt=open_attempt,
        may_start=actor is not None and why_not is None and open_attempt is None,
        why_not=why_not,
        counted=Counted(row.counted),
        criteria=tuple(Criterion(c) for c in row.criteria),
        board=Board(row.board),
        board_visible=_shows_board(row, at),
        is_settled=row.shown_at is not None,
        is_official=row.shown_at is not None and figures.is_published,
        schedule=schedule,
        extra=mine.extra,
        window_closes_at=schedule.about(at).closes_at,
        course=course_of(row),
        is_restricted=figures.is_restricted,
        has_advanced=mine.has_advanced,
        is_list_confirmed=figures.is_confirmed,
        barred=barred,
        kept_out=kept_out,
        mine=_my_place(mine) if row.shown_at is not None else None,
        last_attempt=mine.counted,
        voided_attempt=mine.voided_code,
    )


def _shows_board(row: Round, at: datetime) -> bool:
    is_running = row.settled_at is None and row.board != Board.HIDDEN and at >= row.opens_at
    return row.shown_at is not None or is_running


def _my_place(mine: Mine) -> MyPlace | None:
    if mine.place is None:
        return None
    return MyPlace(mine.place, mine.correct or Decimal(), mine.question_count or 0)


def _why_not(
    row: Round,
    contest: Contest,
    schedule: Schedule,
    barred: Refusal | None,
    used: int,
    has_open: bool,
    at: datetime,
) -> Refusal | None:
    why_not = may_start(
        Window(row.opens_at, row.closes_at),
        at,
        used=used,
        allowed=row.attempts_allowed,
        has_open=has_open,
        barred=barred,
        within=period_of(row, at),
        schedule=schedule,
    )
    if contest.state == ContestState.ARCHIVED and why_not is None:
        return Refusal("round-closed", {"closes_at": row.closes_at})
    return why_not
