"""Who may see a picture or a recording: those of its bank, those on whose paper it is shown, those who judge papers."""

import sqlalchemy as sa

from contest.db import db
from contest.errors import NotFound
from contest.models.attempts import Attempt
from contest.models.contests import Contest, Round
from contest.models.media import Medium, MediumUse
from contest.rules.papers import read_paper, versions_shown
from contest.rules.permissions import Actor, see_bank, see_papers_of_others
from contest.rules.terms import Role
from contest.services.banks import media
from contest.services.contests.setup import contests_of


def get_medium(name: str, *, by: Actor) -> Medium:
    """Return a medium that the actor may see; raises NotFound for any other as for one there is not."""
    own = media.find_own(name, by=by) if see_bank(by) else None
    if own is not None:
        return own
    medium = media.get(name)
    if _is_on_own_paper(medium, by) or _is_on_judged_papers(medium, by):
        return medium
    raise NotFound


def _is_on_own_paper(medium: Medium, by: Actor) -> bool:
    """Say whether a paper of the actor's shows a version that shows it; a paper is drawn only when its round has opened."""
    papers = sa.select(Attempt.paper).join(Round, Round.id == Attempt.round_id)
    own = db.session.scalars(papers.where(Attempt.member_id == by.member_id, Round.bank_id == medium.bank_id))
    shown = {version_id for paper in own for version_id in versions_shown(read_paper(paper))}
    using = sa.select(MediumUse.version_id).where(MediumUse.medium_id == medium.id)
    return bool(shown) and not shown.isdisjoint(db.session.scalars(using))


def _is_on_judged_papers(medium: Medium, by: Actor) -> bool:
    if not see_papers_of_others(by):
        return False
    theirs = contests_of(by, Role.ORGANISER, Role.JUDGE, Role.AUDITOR)
    drawing = sa.select(Round.id).join(Contest, Contest.id == Round.contest_id)
    return db.session.scalar(drawing.where(Round.bank_id == medium.bank_id, theirs).limit(1)) is not None
