"""HTTP in, HTTP out. Every route declares its policy; what does not is not reachable."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from flask import Flask
from werkzeug.routing import IntegerConverter

from contest import config
from contest.services import agreement, gauges, minutes, readiness, replicas
from contest.web import (
    accounts,
    attempts,
    contests,
    context,
    draws,
    errors,
    front,
    gate,
    handed,
    health,
    judging,
    manage,
    media,
    overall,
    pages,
    registrations,
    rounds,
    seals,
    standings,
    telemetry,
)

log = structlog.get_logger()


class RowNumber(IntegerConverter):
    """A number in an address, no larger than a column of either database holds: beyond it there is no page."""

    def __init__(self, url_map: Any, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": 2**31 - 1, **options})


def keep(app: Flask) -> None:
    """Start what goes on beside the requests for as long as the process lives."""
    minutes.keep(app)
    gauges.keep(app)
    agreement.keep(app)
    replicas.keep(app)
    app.extensions["cache"].beside = partial(_beside, app)


def _beside(app: Flask, work: Callable[[], object]) -> None:
    """Carry out what no request waits for."""

    def run() -> None:
        try:
            with app.app_context():
                work()
        except Exception:
            log.exception("what was done beside the requests failed")

    try:
        threading.Thread(target=run, daemon=True, name="beside").start()
    except RuntimeError:  # there is no thread to be had
        work()


def register(app: Flask) -> None:
    """Register gate, errors, template context and every blueprint with the application."""
    settings: config.Settings = app.config["SETTINGS"]
    app.url_map.converters["int"] = RowNumber
    gauges.init(app, config.VERSION, settings.runtime)
    readiness.init(app, str(config.ROOT / "migrations"), settings.runtime)
    health.register(app)
    telemetry.register(app)
    judging.register(app)
    errors.register(app)
    gate.register(app)
    context.register(app)
    pages.register(app)
    for module in (
        accounts,
        attempts,
        contests,
        draws,
        front,
        handed,
        health,
        media,
        overall,
        registrations,
        rounds,
        seals,
        standings,
    ):
        app.register_blueprint(module.blueprint)
    manage.register(app)
