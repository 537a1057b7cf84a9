"""The organiser's and judge's pages."""

from flask import Flask

from contest.web.manage import (
    bank_files,
    contests,
    desk,
    jobs,
    members,
    organisation,
    results,
    rounds,
    search,
    unit_ranking,
    units,
)


def register(app: Flask) -> None:
    """Register the blueprints of management."""
    for module in (
        desk,
        contests,
        rounds,
        unit_ranking,
        units,
        results,
        bank_files,
        members,
        organisation,
        jobs,
        search,
    ):
        app.register_blueprint(module.blueprint)
