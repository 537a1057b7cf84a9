"""What organisers tell everybody about a contest or a round: by hand, and with every act that moves its times."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.db.editions import Kept
from contest.models.contests import Announcement, Contest, Round
from contest.models.members import Member
from contest.rules.permissions import Actor
from contest.rules.terms import mark
from contest.rules.windows import Window
from contest.services import audit, organisation
from contest.services.contests import rounds, setup

SHOWN = 20
TEXT_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class AnnouncementView:
    """An announcement; `who` is for those alone who organise."""

    id: int
    text: str
    at: datetime
    round_title: str | None
    round_code: str | None
    who: str | None = None


def list_public(slug: str, round_code: str | None = None) -> tuple[AnnouncementView, ...]:
    """Return what is announced of a contest, the newest first; for a round what concerns it and the whole contest."""
    return _PUBLIC.get((slug, round_code), _read_public)


_PUBLIC: Kept[tuple[str, str | None], tuple[AnnouncementView, ...]] = Kept()


def _read_public(of: tuple[str, str | None]) -> tuple[AnnouncementView, ...]:
    slug, round_code = of
    query = _announced(slug)
    if round_code is not None:
        query = query.where(sa.or_(Announcement.round_id.is_(None), Round.code == round_code))
    return tuple(AnnouncementView(*row) for row in rows(query))


def list_for_organisers(contest: Contest) -> list[AnnouncementView]:
    """Return what is announced of a contest the actor organises, with who announced it."""
    query = _announced(contest.slug).add_columns(Member.full_name)
    return [AnnouncementView(*r) for r in rows(query.outerjoin(Member, Member.id == Announcement.announced_by))]


def _announced(slug: str) -> sa.Select[tuple[int, str, datetime, str, str]]:
    return (
        sa.select(Announcement.id, Announcement.text, Announcement.announced_at, Round.title, Round.code)
        .join(Contest, Contest.id == Announcement.contest_id)
        .outerjoin(Round, Round.id == Announcement.round_id)
        .where(Contest.slug == slug)
        .order_by(Announcement.id.desc())
        .limit(SHOWN)
    )


def announce(slug: str, code: str | None, text: str, *, by: Actor) -> None:
    """Announce something about a contest, or about one of its rounds."""
    at = clock.now()
    with transaction():
        contest = setup.get_contest(slug, by=by)
        row = rounds.get_round(contest.id, code) if code else None
        own = Round.contest_id == contest.id if row is None else Round.id == row.id
        heard = sa.update(Round).where(own).values(revision=Round.revision + 1)  # whereby running papers ask for it
        db.session.execute(heard.execution_options(synchronize_session=False))
        store(contest, row, text, by=by, at=at)


def store(contest: Contest, row: Round | None, text: str, *, by: Actor, at: datetime) -> None:
    """Store an announcement inside the caller's transaction; an empty text announces nothing."""
    if not text.strip():
        return
    round_id = row.id if row else None
    new = Announcement(contest_id=contest.id, round_id=round_id, text=text.strip(), announced_at=at)
    new.announced_by = by.member_id
    db.session.add(new)
    db.session.flush()
    kind, object_id = ("round", row.id) if row else ("contest", contest.id)
    audit.record("announced", kind, object_id, by=by, at=at, announcement=new.id)


def draft_extension(row: Round, window: Window, closes_at: datetime) -> str:
    """Return what an extension would say, to be edited before it is said."""
    speech = organisation.speech()
    return speech.text(
        mark("%(round)s được gia hạn: khung giờ đóng lúc %(before)s nay đóng lúc %(after)s."),
        round=row.title, before=speech.moment(window.closes_at), after=speech.moment(closes_at),
    )  # fmt: skip


def draft_extra_time(row: Round, minutes: int, unit: str | None) -> str:
    """Return what extra time for everybody or for a unit would say; for one person nothing is announced."""
    speech = organisation.speech()
    if unit is not None:
        text = mark("%(round)s: người dự thi của %(unit)s được cộng thêm %(minutes)s phút làm bài.")
        return speech.text(text, round=row.title, unit=unit, minutes=minutes)
    text = mark("%(round)s: mọi người dự thi được cộng thêm %(minutes)s phút làm bài.")
    return speech.text(text, round=row.title, minutes=minutes)


def draft_void(row: Round, span: Window, *, gives_back: bool) -> str:
    """Return what the void of a span would say."""
    speech = organisation.speech()
    text = mark("%(round)s: các lượt thi bắt đầu từ %(opens)s đến trước %(closes)s bị hủy và không tính kết quả.")
    said = speech.text(text, round=row.title, opens=speech.moment(span.opens_at), closes=speech.moment(span.closes_at))
    return f"{said} {speech.text(mark('Lượt thi được trả lại.'))}" if gives_back else said


def draft_restoration(row: Round, span: Window) -> str:
    """Return what taking a void back would say."""
    speech = organisation.speech()
    text = mark(
        "%(round)s: việc hủy các lượt thi từ %(opens)s đến trước %(closes)s được rút lại; các lượt đó được tính."
    )
    return speech.text(text, round=row.title, opens=speech.moment(span.opens_at), closes=speech.moment(span.closes_at))
