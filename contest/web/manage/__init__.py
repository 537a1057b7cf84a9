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
    marking,
    members,
    organisation,
    overall,
    printing,
    question_history,
    question_likenesses,
    question_sources,
    questions,
    registration,
    regulations,
    results,
    rounds,
    search,
    tryouts,
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
    printing,
    results,
    marking,
    versions,
    awards,
    bank_files,
    question_history,
    question_likenesses,
    question_sources,
    questions,
    imports,
    members,
    extra_time,
    units,
    organisation,
    jobs,
    search,
    tryouts,
)


def register(app: Flask) -> None:
    """Register the blueprints of management; several modules may hold pages of one."""
    for blueprint in dict.fromkeys(module.blueprint for module in MODULES):
        app.register_blueprint(blueprint)
