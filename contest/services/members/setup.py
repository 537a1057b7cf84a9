"""The first visit: the organisation and its first administrator, with a one-time code printed on the console."""

import hmac
from collections.abc import Mapping
from typing import Any

from contest import clock
from contest.db import db, transaction
from contest.errors import Invalid
from contest.models.members import RoleGrant
from contest.models.organisation import Unit
from contest.rules.enrolment import check_code
from contest.rules.passwords import check_password
from contest.rules.permissions import SYSTEM, Actor, Grant
from contest.rules.refusals import Refusal
from contest.rules.terms import Role
from contest.rules.text import READABLE, canonical, fold, mailbox, phone
from contest.services import audit, organisation
from contest.services.members import entry, limiter, people, sessions


def setup_code(secret_key: str) -> str:
    """Return the one-time code of the first visit: it follows from the secret, so that all nodes have the same."""
    number = int.from_bytes(hmac.digest(secret_key.encode(), b"setup-code", "sha256"))
    return entry.in_groups(READABLE[number // len(READABLE) ** n % len(READABLE)] for n in range(entry.CODE_LENGTH))


def found(
    code: str,
    settings: Mapping[str, Any],
    administrator: Mapping[str, Any],
    *,
    logo: bytes | None,
    secret_key: str,
    address: str,
) -> Actor:
    """Make the organisation, its root unit and the first administrator, who is returned signed in; once only."""
    limiter.admit_code(address)
    if organisation.find_organisation() is not None:
        raise Invalid(Refusal("setup-done", field="code"))
    given, wanted = (canonical(c).replace("-", "") for c in (code, setup_code(secret_key)))
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Invalid(Refusal("setup-code", field="code"))
    person = _person(administrator)
    at = clock.now()
    with transaction():
        organisation.found(settings, logo=logo, by=SYSTEM, at=at)
        name = settings["name_vi"]
        short = settings.get("short_name") or name
        root = Unit(code="GOC", name=name, short_name=short[:100], search=fold(f"GOC {name} {short}"), valid_from=at)
        db.session.add(root)
        db.session.flush()
        organisation.attach(root.id, None, at=at)
        member = people.new_member(person, root.id, at)
        db.session.add(member)
        db.session.flush()
        people.renew_sign_in_names([member.id], [c for c in (member.phone, member.email) if c])
        db.session.add(RoleGrant(member_id=member.id, role=Role.ADMINISTRATOR))
        audit.record("administrator-founded", "member", member.id, by=SYSTEM, at=at)
    grants = (Grant(Role.ADMINISTRATOR),)
    return Actor(member.id, member.full_name, root.id, member.epoch, sessions.new_session_id(), grants)


def _person(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the administrator's columns; raises Invalid naming the field."""
    number = phone(given["phone"]) if given.get("phone") else None
    mail = mailbox(given["email"]) if given.get("email") else None
    for name, value in (("phone", number), ("email", mail)):
        if isinstance(value, Refusal):
            raise Invalid(Refusal(value.slug, value.params, name))
    code = given["code"]
    refusal = check_code(code) or check_password(given["password"], [code])
    if refusal:
        raise Invalid(refusal)
    return {
        "code": code,
        "full_name": given["full_name"],
        "phone": number,
        "email": mail,
        "password_hash": entry.hash_password(given["password"]),
    }
