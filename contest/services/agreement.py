"""Does this process's time agree with the database's, by which the processes of all machines agree?

A process keeps the time with which it began (`clock`), so that a step of a system clock moves nobody's deadline. One that
began with a wrong time, or has lost the right one, must judge nothing: it takes no saves, starts and submissions and closes
nothing until it agrees. Nothing here is asked during a request; somebody looks every few seconds beside them.
"""

import threading
import time
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from flask import Flask, current_app

from contest import clock
from contest.db import is_sqlite, rows

MAX_SKEW = 1.0  # seconds between this process and the database
_EVERY = 2.0
_ASK = "SELECT clock_timestamp()"
_NOW = sa.text(_ASK)
log = structlog.get_logger()


@dataclass(slots=True)
class Agreement:
    """By how many seconds this process was last ahead, and whether requests are therefore judged by nobody here."""

    skew: float = 0.0
    stops: bool = False
    has_agreed: bool = False
    is_off: bool = False
    is_kept: bool = False  # whether somebody looks again and again, so that requests may go by it

    def look(self) -> bool:
        """Ask the database what time it is, and say whether this process may go on judging by its own.

        Where the machine's clock says the same as the database's and only this process does not, a process that had agreed
        lives through a step of both, and keeps its time. One that never agreed was begun before the clock was set right.
        """
        if is_sqlite():
            return True
        self.skew, doubt = _measured()
        machine, was_off = self.skew + clock.drift().total_seconds(), self.is_off
        is_off = abs(self.skew) - doubt > MAX_SKEW
        if is_off and abs(machine) - doubt <= MAX_SKEW:
            is_off = False
            if not self.has_agreed:
                log.warning("took the time of the machine, which has been set right", seconds=-round(self.skew, 1))
                clock.anchor()
        self.is_off, self.has_agreed, self.stops = is_off, self.has_agreed or not is_off, is_off and self.is_kept
        if is_off and not was_off:
            log.error("the clock differs from the database's: nothing is taken", seconds=round(self.skew, 1))
        elif was_off and not is_off:
            log.warning("the clock agrees with the database's", seconds=round(self.skew, 1))
        return not is_off


def _measured() -> tuple[float, float]:
    """Return by how many seconds this process is ahead of the database, and how many of them the asking itself may make."""
    before = clock.now()
    told = rows(_NOW)[0][0]
    took = (clock.now() - before).total_seconds()
    return (before - told).total_seconds() + took / 2, took / 2


def of(app: Flask) -> Agreement:
    """Return what a process knows of its time; made on first use."""
    found: Agreement = app.extensions.setdefault("agreement", Agreement())
    return found


def current() -> Agreement:
    return of(current_app)


def keep(app: Flask) -> None:
    """Look again and again, beside the requests; until the first look nothing is judged where there is something to ask."""
    own = of(app)
    with app.app_context():
        own.stops = own.is_kept = not is_sqlite()

    def work() -> None:
        while True:
            try:
                with app.app_context():
                    own.look()
            except sa.exc.SQLAlchemyError:
                pass  # without the database nothing is taken anyway, and what was known of the clock still is
            time.sleep(_EVERY)

    threading.Thread(target=work, daemon=True, name="agreement").start()
