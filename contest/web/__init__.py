"""HTTP in, HTTP out. Every route declares its policy; what does not is not reachable."""

from flask import Flask

from contest.web import (
    accounts,
    attempts,
    contests,
    context,
    draws,
    errors,
    front,
    gate,
    health,
    manage,
    overall,
    registrations,
    rounds,
    standings,
)


def register(app: Flask) -> None:
    """Register gate, errors, template context and every blueprint with the application."""
    errors.register(app)
    gate.register(app)
    context.register(app)
    for module in (accounts, attempts, contests, draws, front, health, overall, registrations, rounds, standings):
        app.register_blueprint(module.blueprint)
    manage.register(app)
