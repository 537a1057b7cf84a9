"""May this node take traffic? The truth within two seconds, even of a database that has stopped answering."""

from pathlib import Path

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from contest.gateways.bounded import Bounded
from contest.services import health

LEAVING = "stopping"  # the mark by which the processes of a server know that it is about to end
PATIENCE = 2.0
AWAY = "The database does not answer."


class Readiness:
    """What one process knows of whether it is ready; what cannot change while it lives is looked at until it is well."""

    def __init__(self, app: Flask, migrations: str, runtime: Path | None) -> None:
        self._app, self._migrations = app, migrations
        self._mark = runtime / LEAVING if runtime else None
        self._is_sound = False
        self._asked: Bounded[tuple[str, ...]] = Bounded(wait=PATIENCE, kept=0)

    def problems(self) -> tuple[str, ...]:
        """Return why this node should get no traffic; nothing means that it should."""
        if self._mark is not None and self._mark.exists():
            return ("This server is shutting down.",)
        try:
            return self._asked(self._look)
        except TimeoutError:
            return (f"The database does not answer within {PATIENCE:.0f} s.",)
        except SQLAlchemyError:  # it went away between two questions
            return (AWAY,)

    def _look(self) -> tuple[str, ...]:
        with self._app.app_context():
            if not health.is_reachable():
                return (AWAY,)
            return (*self._lasting(), *health.skew_problems(), *health.disk_problems())

    def _lasting(self) -> tuple[str, ...]:
        if self._is_sound:
            return ()
        found = list(health.durability_problems())
        if not health.is_up_to_date(self._migrations):
            found.append("The database has not had all migrations of this program.")
        self._is_sound = not found
        return tuple(found)


def init(app: Flask, migrations: str, runtime: Path | None) -> None:
    app.extensions["readiness"] = Readiness(app, migrations, runtime)


def current() -> Readiness:
    found: Readiness = current_app.extensions["readiness"]
    return found
