"""The organiser's and judge's pages."""

from flask import Flask

from contest.web.manage import (
    awards,
    bank_files,
    conduct,
    contests,
    desk,
    entrants,
    extra_time,
    jobs,
    members,
    organisation,
    registration,
    results,
    rounds,
    search,
    versions,
)


def register(app: Flask) -> None:
    """Register the blueprints of management."""
    for module in (
        desk,
        contests,
        entrants,
        registration,
        rounds,
        results,
        versions,
        awards,
        bank_files,
        members,
        conduct,
        extra_time,
        organisation,
        jobs,
        search,
    ):
        app.register_blueprint(module.blueprint)
