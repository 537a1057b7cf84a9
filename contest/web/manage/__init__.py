"""The organiser's and judge's pages."""

from flask import Flask

from contest.web.manage import (
    bank_files,
    conduct,
    contests,
    desk,
    extra_time,
    jobs,
    members,
    organisation,
    results,
    rounds,
    search,
)


def register(app: Flask) -> None:
    """Register the blueprints of management."""
    for module in (
        desk,
        contests,
        rounds,
        conduct,
        results,
        bank_files,
        members,
        extra_time,
        organisation,
        jobs,
        search,
    ):
        app.register_blueprint(module.blueprint)
