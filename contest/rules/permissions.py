"""Who may do what: predicates on role and scope. Whether an object lies in the scope, the service's query decides."""

from collections.abc import Callable
from dataclasses import dataclass

from contest.rules.terms import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role with its scope; all three empty means the whole organisation."""

    role: Role
    unit_id: int | None = None
    contest_id: int | None = None
    bank_id: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.unit_id is None and self.contest_id is None and self.bank_id is None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in member with the roles they hold now, or the system itself (`member_id` None)."""

    member_id: int | None
    name: str = ""
    unit_id: int | None = None
    epoch: int = 0
    session_id: str = ""
    grants: tuple[Grant, ...] = ()

    @property
    def is_system(self) -> bool:
        return self.member_id is None

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(g.role for g in self.grants)

    @property
    def is_staff(self) -> bool:
        return bool(self.roles)

    def holds(self, *roles: Role) -> bool:
        return self.is_system or any(g.role in roles for g in self.grants)

    def scopes(self, *roles: Role) -> tuple[Grant, ...]:
        """Return the grants of these roles."""
        return tuple(g for g in self.grants if g.role in roles)

    def holds_whole(self, *roles: Role) -> bool:
        """Say whether one of the roles is held for the whole organisation."""
        return self.is_system or any(g.is_whole for g in self.scopes(*roles))


SYSTEM = Actor(None, "system")
Permission = Callable[[Actor], bool]


def take_part(actor: Actor) -> bool:
    """Any signed-in member may look at rounds and take papers."""
    return actor.member_id is not None


def see_management(actor: Actor) -> bool:
    return actor.is_staff


def administer(actor: Actor) -> bool:
    return actor.holds_whole(Role.ADMINISTRATOR)


def manage_people(actor: Actor) -> bool:
    """Units and members, of a subtree or of all; an organiser of a single contest has none."""
    return administer(actor) or any(g.contest_id is None and g.bank_id is None for g in actor.scopes(Role.ORGANISER))


def manage_contests(actor: Actor) -> bool:
    return actor.holds(Role.ADMINISTRATOR, Role.ORGANISER)


def see_bank(actor: Actor) -> bool:
    """Keys are for those who write and review them; an organiser of units alone never sees one."""
    return author_questions(actor) or review_questions(actor)


def author_questions(actor: Actor) -> bool:
    return administer(actor) or actor.holds(Role.AUTHOR) or actor.holds_whole(Role.ORGANISER)


def review_questions(actor: Actor) -> bool:
    return administer(actor) or actor.holds(Role.REVIEWER) or actor.holds_whole(Role.ORGANISER)


def see_results(actor: Actor) -> bool:
    return actor.holds(Role.ADMINISTRATOR, Role.ORGANISER, Role.JUDGE, Role.AUDITOR)


def see_papers_of_others(actor: Actor) -> bool:
    """Opening one result with its paper and key: judges, auditors and the contest's own organisers."""
    return actor.holds(Role.ADMINISTRATOR, Role.JUDGE, Role.AUDITOR) or any(
        g.unit_id is None for g in actor.scopes(Role.ORGANISER)
    )


def correct_keys(actor: Actor) -> bool:
    """Correcting a question after its round shows its key: for the contest's own organisers, never those of units alone."""
    return administer(actor) or any(g.unit_id is None for g in actor.scopes(Role.ORGANISER))


def mark_responses(actor: Actor) -> bool:
    """Marking what contestants wrote, blind: judges and the contest's own organisers, never those of units alone."""
    return correct_keys(actor) or actor.holds(Role.JUDGE)


def see_audit(actor: Actor) -> bool:
    return actor.holds_whole(Role.ADMINISTRATOR, Role.AUDITOR)
