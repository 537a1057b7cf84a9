"""Bring a restored database up to this program and let it look at everything: a line for each of its own commands."""

import sys

import flask_migrate

from contest import create_app
from contest.rules.permissions import SYSTEM
from contest.services.contests import setup

COMMANDS = (["check"], ["audit", "verify"], ["seals", "verify"])


def main() -> int:
    app = create_app()
    with app.app_context():
        flask_migrate.upgrade()
        slugs = [row.slug for row in setup.list_contests(by=SYSTEM)]
    runner = app.test_cli_runner()
    for command in (*COMMANDS, *(["standings", "verify", "--contest", slug] for slug in slugs)):
        done = runner.invoke(args=command)
        print(f"flask {' '.join(command)}: {(done.output.strip().splitlines() or [''])[-1]}")
        if done.exit_code:
            print(done.output, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
