"""What services raise when they refuse; each carries the Refusal that says why. Knows no Flask."""

from contest.rules.refusals import Refusal


class Refused(Exception):
    """A command that was not carried out; nothing has changed."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(", ".join(r.slug for r in refusals))
        self.refusals = refusals

    @property
    def refusal(self) -> Refusal:
        return self.refusals[0]


class NotFound(Refused):
    """It does not exist, or lies outside the actor's scope: the two look the same."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        super().__init__(refusal or Refusal("not-found"))


class Forbidden(Refused):
    """The object is the actor's to see, the verb is not the actor's."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        super().__init__(refusal or Refusal("forbidden"))


class Unauthenticated(Refused):
    """Nobody is signed in."""


class Invalid(Refused):
    """The input means nothing usable; each refusal names its field."""


class Conflict(Refused):
    """The state has moved on since the actor saw it."""


class Closed(Refused):
    """It is too late, or too early."""


class Gone(Refused):
    """It was here once and no longer is: a used token, an expired file."""


class TooMany(Refused):
    """A limit on tries is reached; the refusal's parameter `seconds` says how long to wait."""


class Crowded(TooMany):
    """So many ask at once for what takes long that whoever comes now is asked to come again in some seconds."""

    def __init__(self, seconds: int, slug: str = "sign-in-crowded") -> None:
        super().__init__(Refusal(slug, {"seconds": seconds}))
