"""A replica of the database, watched beside the requests: how far behind it is, and that nobody waits for one that is gone."""

import threading
from functools import partial

import structlog
from flask import Flask

from contest.db import replica
from contest.db.replica import Replica
from contest.gateways import metrics
from contest.gateways.bounded import Bounded

EVERY = 1.0  # seconds between two looks
PATIENCE = 2.0  # seconds after which a replica that says nothing is let go of
log = structlog.get_logger()
replica.told = partial(metrics.count, "hoithi_readings")


def find(app: Flask) -> Replica | None:
    """Return what this process knows of the replica, where there is one."""
    with app.app_context():
        return replica.current()


class Watch:
    """Looks at a replica. When the primary is asked in vain nothing new is known, and nothing is let go of."""

    def __init__(self, own: Replica) -> None:
        self._own = own
        self._noted: Bounded[None] = Bounded(wait=PATIENCE, kept=0)
        self._looked: Bounded[None] = Bounded(wait=PATIENCE, kept=0)
        self._was_used: bool | None = None

    def look(self) -> None:
        """Look once, and say where it is read from now on, or no more."""
        why = self._why_not()
        is_used = self._own.is_used()
        if is_used and self._was_used is False:
            log.warning("the replica is read again")
        elif not is_used and self._was_used is not False:
            log.warning("the replica is not read, the primary is", reason=why)
        self._was_used = is_used

    def _why_not(self) -> str:
        try:
            self._noted(self._own.note)
        except Exception as error:  # noqa: BLE001  (without the primary nothing goes anyway)
            return f"the primary does not say how far it is: {type(error).__name__}"
        try:
            self._looked(self._own.look)
        except replica.Unfit as unfit:
            return str(unfit)
        except Exception as error:  # noqa: BLE001  (whatever it is, the primary is read)
            self._own.lose()
            return type(error).__name__
        return "it is behind"


def keep(app: Flask) -> None:
    """Look again and again, beside the requests; until the first look the primary is read."""
    own = find(app)
    if own is None:
        return
    own.is_kept, watch = True, Watch(own)

    def work() -> None:
        while True:
            watch.look()
            own.wanted.wait(EVERY)
            own.wanted.clear()

    threading.Thread(target=work, daemon=True, name="replica").start()
