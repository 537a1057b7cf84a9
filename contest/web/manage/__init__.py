"""The organiser's and judge's pages."""

from flask import Flask

from contest.web.manage import (
    awards,
    bank_files,
    contests,
    desk,
    jobs,
    members,
    organisation,
    results,
    rounds,
    search,
    versions,
)


def register(app: Flask) -> None:
    """Register the blueprints of management."""
    for module in (desk, contests, rounds, results, versions, awards, bank_files, members, organisation, jobs, search):
        app.register_blueprint(module.blueprint)
