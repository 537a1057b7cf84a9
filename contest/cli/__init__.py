"""Commands of `flask --app wsgi …`, thin: each has a service behind it, exits non-zero on refusal, and speaks JSON."""

from flask import Flask

from contest.cli import contests, members, questions, server

COMMANDS = (
    server.attempts,
    server.audits,
    contests.contests,
    server.demo,
    server.sealed,
    members.members,
    questions.questions,
    contests.results,
    contests.standings,
    server.check,
    server.setup_code,
)


def register(app: Flask) -> None:
    """Add every command."""
    for command in COMMANDS:
        app.cli.add_command(command)
