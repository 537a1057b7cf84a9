"""The organiser's and judge's pages."""

from flask import Flask

from contest.web.manage import (
    advancement,
    awards,
    bank_files,
    conduct,
    contests,
    desk,
    entrants,
    extra_time,
    imports,
    jobs,
    members,
    organisation,
    overall,
    question_history,
    question_likenesses,
    question_sources,
    registration,
    regulations,
    results,
    rounds,
    search,
    unit_ranking,
    units,
    versions,
)

MODULES = (
    desk,
    contests,
    regulations,
    entrants,
    registration,
    rounds,
    advancement,
    conduct,
    unit_ranking,
    overall,
    results,
    versions,
    awards,
    bank_files,
    question_history,
    question_likenesses,
    question_sources,
    imports,
    members,
    extra_time,
    units,
    organisation,
    jobs,
    search,
)


def register(app: Flask) -> None:
    """Register the blueprints of management; several modules may hold pages of one."""
    for blueprint in dict.fromkeys(module.blueprint for module in MODULES):
        app.register_blueprint(blueprint)
