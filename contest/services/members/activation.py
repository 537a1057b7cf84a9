"""Activation codes for people without a password yet: a list to print or export, or a message to each."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from contest import clock
from contest.db import rows, transaction
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.rules.permissions import Actor
from contest.rules.terms import mark
from contest.services import audit, messaging, organisation
from contest.services.members import entry


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a person needs to open their account; the code is known here and nowhere else."""

    member_code: str
    full_name: str
    unit: str
    email: str | None
    activation_code: str


def invite(unit: str, *, by: Actor, by_mail: bool = False, base_url: str = "", locale: str = "vi") -> list[Invitation]:
    """Issue codes to everybody of a unit with all below who has no password; earlier codes lose their worth.

    With `by_mail`, those with an e-mail are written to and the others are left out.
    """
    at = clock.now()
    with transaction():
        root = organisation.get_unit(unit, by=by)
        waiting = _without_password(root.id, by_mail)
        codes = [entry.new_activation_code() for _ in waiting]
        members = [(row.id, row.epoch) for row in waiting]
        entry.issue("activation", members, codes, entry.ACTIVATION_LIFE, at)
        invitations = [
            Invitation(row.code, row.full_name, row.unit, row.email, code)
            for row, code in zip(waiting, codes, strict=True)
        ]
        if by_mail:
            _write(invitations, base_url, locale)
        audit.record("accounts-invited", "unit", root.id, by=by, at=at, count=len(waiting), by_mail=by_mail)
    return invitations


def _without_password(root_id: int, by_mail: bool) -> Sequence[sa.Row[tuple[int, int, str, str, str | None, str]]]:
    name = sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name).label("unit")
    query = (
        sa.select(Member.id, Member.epoch, Member.code, Member.full_name, Member.email, name)
        .join(Unit, Unit.id == Member.unit_id)
        .where(
            Member.unit_id.in_(organisation.below([root_id])),
            Member.password_hash.is_(None),
            Member.suspended_at.is_(None),
        )
        .order_by(Unit.code, Member.name_key, Member.id)
    )
    return rows(query.where(Member.email.is_not(None)) if by_mail else query)


def _write(invitations: Sequence[Invitation], base_url: str, locale: str) -> None:
    at, speech = clock.now(), organisation.speech(locale)
    settings = organisation.find_organisation()
    subject = speech.text(mark("Mã kích hoạt tài khoản dự thi"))
    for i in invitations:
        body = speech.text(
            mark(
                "Kính gửi %(name)s (%(unit)s),\n\n"
                "Mã kích hoạt của %(address)s là %(code)s, dùng một lần trong 30 ngày. "
                "Mời mở trang sau để đặt mật khẩu:\n\n%(link)s\n\n%(organisation)s\n"
            ),
            name=i.full_name,
            unit=i.unit,
            code=i.activation_code,
            link=f"{base_url}/activate",
            organisation=settings.name_vi if settings else "",
        )
        messaging.post(i.email or "", subject, body, at=at)
